import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BridgeConfig } from '../config/schema';
import { ErrorCode, invalid, Refusal } from '../frames/errors';
import type { Body, RequestFrame } from '../frames/frame';
import { LEGACY_VERSIONS } from '../frames/meta';
import type { BridgeMetrics } from '../observability/metrics';
import { sendAll, takeIn } from '../session/intake';
import type { SessionRegistry } from '../session/registry';
import type { Session } from '../session/session';
import { unknownSession } from '../session/unknownSession';
import { BodyReader, untilReceptive } from './body';
import { saysModern } from './envelope';
import { refusalText, sendRefusal } from './errors';
import { GetStreams } from './getStreams';
import type { ModernHttp } from './modern';
import type { Permit } from './permit';
import type { Elsewhere, McpEndpoint } from './public';
import { PostReply } from './reply';
import {
  accepts,
  header,
  messagesOf,
  needEventStream,
  needJson,
  wrongMethod,
} from './request';

const ENDPOINT = '/mcp';
const SESSION_HEADER = 'mcp-session-id';
/** When a call takes longer, its reply becomes resumable (from 2025-11-25 on). */
const RESUMABLE_AFTER_MS = 250;
/** When a call takes longer, its reply becomes a stream that is kept alive. */
const STREAM_AFTER_MS = 10_000;

/** Streamable HTTP at `/mcp`: what is of 2026-07-28 is told from the rest, which has sessions. */
export class StreamableHttp implements McpEndpoint {
  readonly methods = 'GET, POST, DELETE';
  private readonly streams: GetStreams;

  constructor(
    private readonly config: () => BridgeConfig,
    private readonly sessions: SessionRegistry,
    private readonly modern: ModernHttp,
    private readonly metrics: BridgeMetrics,
    private readonly bodies: BodyReader,
  ) {
    this.streams = new GetStreams(config, metrics);
  }

  sessionIdOf(req: IncomingMessage): string | undefined {
    return saysModern(req.headers) ? undefined : header(req, SESSION_HEADER);
  }

  /** Serves a request whose sender is known. @throws Refusal before anything was answered */
  async handle(
    req: IncomingMessage,
    res: ServerResponse,
    permit: Permit,
    elsewhere?: Elsewhere,
  ): Promise<void> {
    if (req.method !== 'POST' && saysModern(req.headers))
      throw wrongMethod('POST');
    switch (req.method) {
      case 'POST':
        await this.post(req, res, permit, elsewhere);
        return;
      case 'GET':
        needEventStream(req);
        this.streams.open(
          this.sessionOf(req, permit),
          permit,
          res,
          header(req, 'last-event-id'),
        );
        return;
      case 'DELETE': {
        const session = this.sessionOf(req, permit);
        void session.end('The session was ended by its client');
        res.writeHead(204).end();
        return;
      }
      default:
        throw wrongMethod(this.methods);
    }
  }

  private async post(
    req: IncomingMessage,
    res: ServerResponse,
    permit: Permit,
    elsewhere: Elsewhere | undefined,
  ): Promise<void> {
    const startedAt = performance.now();
    if (
      !accepts(req, 'application/json') ||
      !accepts(req, 'text/event-stream')
    ) {
      throw invalid(
        'The Accept header must name both application/json and text/event-stream',
        406,
      );
    }
    needJson(req);
    const session =
      this.sessionIdOf(req) === undefined
        ? undefined
        : this.sessionOf(req, permit);
    if (session) await untilReceptive(session, this.config().limits.maxBody);
    const body = messagesOf(await this.bodies.read(req));
    const from = { req, res, permit, startedAt, elsewhere };
    if (await this.modern.handle(body, from)) return;
    permit.admit(body);
    if (session) this.dispatch(session, body, res, permit, startedAt);
    else await this.open(body, req, res, permit, startedAt);
  }

  private async open(
    body: Body,
    req: IncomingMessage,
    res: ServerResponse,
    permit: Permit,
    startedAt: number,
  ): Promise<void> {
    const [frame] = body.frames;
    if (
      body.batch ||
      frame.kind !== 'request' ||
      frame.method !== 'initialize'
    ) {
      const version = header(req, 'mcp-protocol-version');
      if (version !== undefined && !LEGACY_VERSIONS.includes(version))
        throw this.unsupported(version);
      throw invalid(
        'The Mcp-Session-Id header is missing; begin with an initialize request',
      );
    }
    const session = await this.sessions.open(
      permit.principal,
      ENDPOINT,
      permit.credentials,
    );
    const named = { [SESSION_HEADER]: session.id };
    const reply = this.reply(
      session,
      res,
      1,
      (): Record<string, string> => (session.ended ? {} : named),
    );
    // A client that leaves before it knows its session can never use it.
    const left = () => {
      if (!session.initialized) void session.end('The client left');
    };
    if (res.destroyed) {
      left();
      return;
    }
    res.on('close', left);
    const call = permit.pass(frame, {
      send: raw => reply.send(raw),
      answer: raw => {
        if (!session.initialized)
          void session.end('The server refused to initialize');
        reply.answer(raw);
      },
    });
    session.request(call.frame, call.outlet, startedAt);
  }

  private dispatch(
    session: Session,
    body: Body,
    res: ServerResponse,
    permit: Permit,
    startedAt: number,
  ): void {
    if (session.ended) throw unknownSession(); // it may have ended while the body came in
    if (
      body.frames.some(
        frame => frame.kind === 'request' && frame.method === 'initialize',
      )
    ) {
      throw invalid(
        'This session is already initialized; a new one begins without the Mcp-Session-Id header',
      );
    }
    const requests = takeIn(session, body, this.config().limits.maxPending);
    if (requests.length === 0) {
      res.writeHead(202).end();
      return;
    }
    const reply = this.reply(session, res, requests.length, () => ({}));
    const refused = (refusal: Refusal, { idText }: RequestFrame) => {
      this.metrics.rejected(refusal.reason);
      if (requests.length === 1) sendRefusal(res, refusal, idText);
      else reply.answer(refusalText(refusal, idText));
    };
    sendAll(session, requests, reply, permit, startedAt, refused);
  }

  private reply(
    session: Session,
    res: ServerResponse,
    expected: number,
    headers: () => Record<string, string>,
  ): PostReply {
    const primed = session.protocolVersion === '2025-11-25';
    return new PostReply(res, {
      expected,
      headers,
      store: this.streams.storeOf(session),
      connect: target => this.streams.connect(session, target),
      primed,
      patience: primed ? RESUMABLE_AFTER_MS : STREAM_AFTER_MS,
    });
  }

  private sessionOf(req: IncomingMessage, { principal }: Permit): Session {
    const id = this.sessionIdOf(req);
    if (id === undefined) throw invalid('The Mcp-Session-Id header is missing');
    const session = this.sessions.find(id, principal);
    if (session?.endpoint !== ENDPOINT) throw unknownSession();
    const version = header(req, 'mcp-protocol-version');
    if (
      version !== undefined &&
      version !== session.protocolVersion &&
      !LEGACY_VERSIONS.includes(version)
    ) {
      throw this.unsupported(version);
    }
    return session;
  }

  private unsupported(version: string): Refusal {
    return new Refusal(
      400,
      'protocol',
      `Unsupported protocol version: ${version.slice(0, 40)}`,
      {
        code: ErrorCode.unsupportedVersion,
        data: { supported: LEGACY_VERSIONS, requested: version.slice(0, 40) },
      },
    );
  }
}
