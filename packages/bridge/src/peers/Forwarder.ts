import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { errors, Pool } from 'undici';
import type { BodyReader } from '../http/body';
import { dial } from './channel';
import { ForwardedAnswer } from './ForwardedAnswer';
import { endToEnd } from './hopHeaders';
import type { RingKey } from './KeyRing';
import { PeerError, peerErrorOf } from './PeerError';

/** An owner says something every 15 seconds on each stream; one that is silent for this long is not there. */
const SILENCE_MS = 45_000;
/** Connections that are not in use are closed before the peer would. */
const UNUSED_MS = 30_000;

/** The replica that something belongs to. */
export interface Destination {
  readonly host: string;
  /** By which it proves itself. */
  readonly key: RingKey;
}

function failureOf(error: Error): PeerError {
  const isSilence =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError;
  return isSilence
    ? new PeerError('unsure', `nothing was heard for ${SILENCE_MS} ms`)
    : peerErrorOf(error);
}

/** Passes requests on to the replica that has their session, and its answers back, as they come. */
export class Forwarder {
  private readonly pools = new Map<string, Pool>();
  private readonly answers = new Set<ServerResponse>();
  private calls = 0;

  constructor(
    private readonly port: number,
    private readonly bodies: BodyReader,
  ) {}

  /** POST requests that are under way. */
  get pendingCount(): number {
    return this.calls;
  }

  /**
   * Resolves when the answer has ended, or the client has left.
   * @param body of the request, when it was read already
   * @throws PeerError, or Refusal 413 or 503, before anything was answered
   */
  async forward(
    req: IncomingMessage,
    res: ServerResponse,
    to: Destination,
    body?: string,
  ): Promise<void> {
    const isPost = req.method === 'POST';
    this.calls += Number(isPost);
    this.answers.add(res);
    try {
      // The owner would close the connection upon a long one, which looks from here as if it were gone.
      const text = body ?? (isPost ? await this.bodies.read(req) : null);
      if (!res.destroyed) await this.pass(req, res, to, text);
    } finally {
      this.calls -= Number(isPost);
      this.answers.delete(res);
    }
  }

  /** Ends what is open, without a cut where an answer has begun. */
  close(): void {
    for (const res of this.answers) {
      if (res.headersSent) res.end();
    }
    for (const pool of this.pools.values()) void pool.destroy();
    this.pools.clear();
  }

  private pass(
    req: IncomingMessage,
    res: ServerResponse,
    to: Destination,
    body: string | null,
  ): Promise<void> {
    const { 'content-length': _length, ...headers } = endToEnd(req.headers);
    return new Promise((resolve, reject) => {
      const answer = new ForwardedAnswer(res, error => {
        if (error) reject(failureOf(error));
        else resolve();
      });
      this.poolFor(to).dispatch(
        {
          method: req.method ?? 'GET',
          path: req.url ?? '/',
          headers,
          body,
        },
        answer,
      );
    });
  }

  private poolFor({ host, key }: Destination): Pool {
    const id = `${key.id.toString('hex')} ${host}`;
    let pool = this.pools.get(id);
    if (!pool) {
      const name = isIPv6(host) ? `[${host}]` : host;
      pool = new Pool(`http://${name}:${this.port}`, {
        connect: (_options, done) => {
          dial(host, this.port, key).then(
            socket => done(null, socket),
            (error: Error) => done(error, null),
          );
        },
        headersTimeout: SILENCE_MS,
        bodyTimeout: SILENCE_MS,
        keepAliveTimeout: UNUSED_MS,
        keepAliveMaxTimeout: UNUSED_MS,
      });
      const made = pool;
      // Pods come and go: of one that is not there any more nothing stays.
      const forget = () => {
        if (made.stats.connected === 0 && made.stats.size === 0)
          this.pools.delete(id);
      };
      pool.on('disconnect', forget).on('connectionError', forget);
      this.pools.set(id, pool);
    }
    return pool;
  }
}
