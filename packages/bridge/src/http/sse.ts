import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BridgeConfig } from '../config/schema';
import type { Refusal } from '../frames/errors';
import type { RequestFrame } from '../frames/frame';
import type { BridgeMetrics } from '../observability/metrics';
import type { SessionRegistry } from '../session/registry';
import type { Session } from '../session/session';
import { unknownSession } from '../session/unknownSession';
import { BodyReader, untilReceptive } from './body';
import { Channel } from './channel';
import { connectionTo } from './connection';
import { sendRefusal } from './errors';
import type { Permit } from './permit';
import type { McpEndpoint } from './public';
import { EVENT_STREAM_HEADERS } from './reply';
import { messagesOf, needEventStream, needJson, wrongMethod } from './request';
import { RETRY_LINE } from './streams';

const STREAM = '/sse';
const MESSAGES = '/messages';

function sessionIdOf({ url }: IncomingMessage): string | undefined {
  const query = new URLSearchParams(url?.split('?')[1]);
  return query.get('sessionId') ?? undefined;
}

/**
 * HTTP+SSE of 2024-11-05: the session is its event stream; messages to the
 * server are posted to the place that the stream's first event names.
 */
export class HttpSse {
  readonly ends: readonly (readonly [string, McpEndpoint])[] = [
    [
      STREAM,
      {
        methods: 'GET',
        handle: (req, res, permit) => this.stream(req, res, permit),
      },
    ],
    [
      MESSAGES,
      {
        methods: 'POST',
        sessionIdOf,
        handle: (req, res, permit) => this.post(req, res, permit),
      },
    ],
  ];
  private readonly channels = new WeakMap<Session, Channel>();

  constructor(
    private readonly config: () => BridgeConfig,
    private readonly sessions: SessionRegistry,
    private readonly metrics: BridgeMetrics,
    private readonly bodies: BodyReader,
  ) {}

  private async stream(
    req: IncomingMessage,
    res: ServerResponse,
    permit: Permit,
  ): Promise<void> {
    if (req.method !== 'GET') throw wrongMethod('GET');
    needEventStream(req);
    const session = await this.sessions.open(
      permit.principal,
      STREAM,
      permit.credentials,
    );
    if (res.destroyed) {
      void session.end('The client left');
      return;
    }
    res.writeHead(200, EVENT_STREAM_HEADERS);
    const limits = () => this.config().limits;
    const connection = connectionTo(session, res, limits, this.metrics);
    const channel = new Channel(
      session,
      permit,
      {
        send: raw => connection.write(`event: message\ndata: ${raw}\n\n`),
        end: () => connection.end(RETRY_LINE),
      },
      limits().keepAlive,
    );
    connection.onClose = () => channel.closed();
    this.channels.set(session, channel);
    connection.write(
      `event: endpoint\ndata: ${MESSAGES}?sessionId=${session.id}\n\n`,
    );
  }

  private async post(
    req: IncomingMessage,
    res: ServerResponse,
    permit: Permit,
  ): Promise<void> {
    const startedAt = performance.now();
    if (req.method !== 'POST') throw wrongMethod('POST');
    needJson(req);
    const session = this.sessions.find(
      sessionIdOf(req) ?? '',
      permit.principal,
    );
    const channel = session && this.channels.get(session);
    if (!channel) throw unknownSession();
    const { maxBody, maxPending } = this.config().limits;
    await untilReceptive(session, maxBody);
    const body = messagesOf(await this.bodies.read(req));
    permit.admit(body);
    if (session.ended) throw unknownSession(); // while the body came in
    const refused = (refusal: Refusal, frame: RequestFrame) => {
      this.metrics.rejected(refusal.reason);
      sendRefusal(res, refusal, frame.idText);
    };
    channel.accept(body, permit, maxPending, startedAt, refused);
    if (!res.headersSent) res.writeHead(202).end();
  }
}
