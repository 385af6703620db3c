import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { BridgeConfig } from '../config/schema';
import { ErrorCode, invalid, Refusal } from '../frames/errors';
import type { BridgeMetrics } from '../observability/metrics';
import type { SessionRegistry } from '../session/registry';
import type { Session } from '../session/session';
import type { MemoryBudget } from './body';
import { Channel } from './channel';
import { closeCodeOf } from './closeCodes';
import { sendRefusal } from './errors';
import { flowOf } from './flow';
import type { Gate } from './gate';
import { guard } from './guard';
import type { Permit } from './permit';
import type { McpEndpoint } from './public';
import { receive } from './receive';
import { header } from './request';
import { SocketConnection } from './socket';

export const WEB_SOCKET_PATH = '/mcp/stream';
const SUBPROTOCOL = 'mcp';
/** Pages of a browser can set no header but this one; it is said first, and never chosen. */
const BEARER = 'bearer.';
/** In how many reads a message may come. */
const LEAST_READS = 32 * 1024;
const BYTES_PER_READ = 1024;

/** Whether a request is the handshake of a WebSocket. Other upgrades (Java's clients offer h2c with each request) are no reason to refuse. */
export function isWebSocket(req: IncomingMessage): boolean {
  return (
    req.method === 'GET' &&
    req.headers['content-length'] === undefined &&
    req.headers['transfer-encoding'] === undefined &&
    req.headers.upgrade?.toLowerCase() === 'websocket' &&
    req.url?.split('?')[0] === WEB_SOCKET_PATH
  );
}

function offeredBy(req: IncomingMessage): string[] {
  const offer = header(req, 'sec-websocket-protocol') ?? '';
  return offer
    .split(',')
    .map(item => item.trim())
    .filter(Boolean);
}

/** @throws Refusal for a handshake that cannot succeed, before a process is taken for it */
function checkHandshake(req: IncomingMessage): void {
  if (header(req, 'sec-websocket-version') !== '13') {
    throw new Refusal(426, 'protocol', 'Use version 13 of WebSocket', {
      code: ErrorCode.invalidRequest,
      headers: { 'sec-websocket-version': '13', upgrade: 'websocket' },
    });
  }
  const key = header(req, 'sec-websocket-key') ?? '';
  if (!/^[+/0-9A-Za-z]{22}==$/.test(key))
    throw invalid('The Sec-WebSocket-Key is not valid');
  const offered = offeredBy(req);
  if (offered.length > 0 && !offered.includes(SUBPROTOCOL))
    throw invalid(`The subprotocol is "${SUBPROTOCOL}"`);
}

/** The headers, with a token of the offered subprotocols where no header brings one. */
function withOfferedToken(req: IncomingMessage): IncomingMessage['headers'] {
  const { authorization } = req.headers;
  const own = req.headers['mcp-cloud-authorization'];
  const offer = offeredBy(req).find(item => item.startsWith(BEARER));
  if (authorization !== undefined || own !== undefined || !offer)
    return req.headers;
  return {
    ...req.headers,
    authorization: `Bearer ${offer.slice(BEARER.length)}`,
  };
}

/** MCP over WebSocket: one session per socket, one message per text frame. */
export class WebSocketEnd implements McpEndpoint {
  readonly methods = 'GET';
  private readonly open = new Set<SocketConnection>();
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compressing costs more memory per socket than a session has of its own.
    perMessageDeflate: false,
    handleProtocols: offered => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  });

  constructor(
    private readonly config: () => BridgeConfig,
    private readonly gate: Gate,
    private readonly sessions: SessionRegistry,
    private readonly metrics: BridgeMetrics,
    private readonly budget: MemoryBudget,
  ) {}

  /** A request that asks for no WebSocket. */
  handle(): void {
    throw new Refusal(426, 'protocol', 'This is the place of a WebSocket', {
      code: ErrorCode.invalidRequest,
      headers: { upgrade: 'websocket' },
    });
  }

  /** Answers a handshake: with a WebSocket, or as HTTP with what is wrong. */
  async upgrade(
    req: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ): Promise<void> {
    // Until the library takes over, a socket that breaks must not break more.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    try {
      guard(req.headers, this.config());
      const headers = withOfferedToken(req);
      const permit = await this.gate.permit(headers);
      checkHandshake(req);
      if (!socket.destroyed) await this.accept(req, socket, head, permit);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.metrics.rejected(error.reason);
      const res = new ServerResponse(req);
      res.shouldKeepAlive = false;
      res.assignSocket(socket);
      res.on('finish', () => socket.destroySoon());
      sendRefusal(res, error);
    }
  }

  /** Ends what has not answered the close of its session. */
  cutAll(): void {
    for (const connection of this.open) connection.cut();
  }

  private async accept(
    req: IncomingMessage,
    socket: Socket,
    head: Buffer,
    permit: Permit,
  ): Promise<void> {
    const session = await this.sessions.open(
      permit.principal,
      WEB_SOCKET_PATH,
      permit.credentials,
    );
    const { options } = this.server;
    const { maxBody } = this.config().limits;
    options.maxPayload = maxBody;
    // A message in crumbs takes far more memory than its bytes.
    options.maxBufferedChunks = Math.max(LEAST_READS, maxBody / BYTES_PER_READ);
    let accepted = false;
    this.server.handleUpgrade(req, socket, head, ws => {
      accepted = true;
      this.serve(ws, socket, session, permit);
    });
    if (!accepted) void session.end('The client left');
  }

  private serve(
    ws: WebSocket,
    socket: Socket,
    session: Session,
    permit: Permit,
  ): void {
    const limits = () => this.config().limits;
    const { keepAlive } = limits();
    const connection = new SocketConnection(ws, socket, {
      ...flowOf(session, limits, this.metrics),
      pingEvery: keepAlive,
      budget: this.budget,
    });
    const line = {
      send: (raw: string) => connection.send(raw),
      end: (why: Parameters<typeof closeCodeOf>[0]) =>
        connection.end(closeCodeOf(why), why.text),
    };
    const channel = new Channel(session, permit, line, keepAlive);
    connection.onFault = fault => this.metrics.rejected(fault);
    connection.onAlive = () => session.touch();
    connection.onClose = () => channel.closed();
    connection.onMessage = text => {
      receive(channel, permit, text, limits().maxPending, this.metrics, raw =>
        connection.send(raw),
      );
      if (session.backlog <= 2 * limits().maxBody) return;
      connection.pause();
      session.onceDrained(() => connection.resume());
    };
    this.open.add(connection);
    ws.on('close', () => this.open.delete(connection));
  }
}
