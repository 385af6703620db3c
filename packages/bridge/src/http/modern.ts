import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BridgeConfig } from '../config/schema';
import { ErrorCode, errorText, Refusal } from '../frames/errors';
import type { Body, NotificationFrame, RequestFrame } from '../frames/frame';
import { own } from '../frames/json';
import { envelopeOf } from '../frames/meta';
import { LISTEN, ModernServer } from '../modern/server';
import type { BridgeMetrics, CallStatus } from '../observability/metrics';
import type { Pools } from '../pool/pools';
import type { Sent } from '../session/types';
import { untilReceptive } from './body';
import { EventConnection } from './connection';
import { modernFrame } from './envelope';
import { sendRefusal } from './errors';
import { ModernReply } from './modernReply';
import type { Permit } from './permit';
import type { Elsewhere } from './public';
import { Quota } from './quota';

const ENDPOINT = '/mcp';

/** A POST whose sender is known, and whose body was read. */
export interface Received {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly permit: Permit;
  /** From `performance.now()`. */
  readonly startedAt: number;
  readonly elsewhere?: Elsewhere;
}

/** Streamable HTTP of 2026-07-28 at `/mcp`: each request stands for itself. */
export class ModernHttp {
  /** Requests that are under way. */
  private readonly pending = new Quota();
  /** Those that listen, which have no end of their own. */
  private readonly listening = new Quota();

  constructor(
    private readonly config: () => BridgeConfig,
    private readonly pools: Pools,
    private readonly isDraining: () => boolean,
    private readonly metrics: BridgeMetrics,
  ) {}

  /** Serves a message whose sender is known, if it is of this revision. @returns whether it is */
  async handle(body: Body, from: Received): Promise<boolean> {
    const { req, res, permit } = from;
    try {
      const frame = modernFrame(req.headers, body);
      if (!frame) return false;
      // Whoever serves it is who admits it.
      if (await passedOn(frame, from)) return true;
      permit.admit(body);
      const { principal, credentials } = permit;
      const server = await this.pools.modern(principal, credentials);
      if (frame.kind === 'request') await this.request(server, frame, from);
      else {
        server.notify(frame);
        res.writeHead(202).end();
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.metrics.rejected(error.reason);
      sendRefusal(res, error, idOf(body));
    }
    return true;
  }

  private async request(
    server: ModernServer,
    frame: RequestFrame,
    { req, res, permit, startedAt }: Received,
  ): Promise<void> {
    const { principal } = permit;
    await untilReceptive(server, this.config().limits.maxBody);
    if (res.destroyed) return; // it left, which cancels
    if (this.isDraining() && stateOf(frame) === undefined) {
      const text = 'This replica is shutting down; try again';
      throw new Refusal(503, 'draining', text, { retryAfterSeconds: 1 });
    }
    const isCall = frame.method !== LISTEN;
    const quota = isCall ? this.pending : this.listening;
    const ended = (status: CallStatus) => {
      quota.giveBack(principal);
      if (!isCall) return;
      const seconds = (performance.now() - startedAt) / 1000;
      const { method, params } = frame;
      this.metrics.call(method, params, status, ENDPOINT, seconds);
    };
    const reply = new ModernReply(res, () => this.connect(res, permit));
    const call = permit.pass(frame, {
      send: raw => reply.send(raw),
      answer: (raw, outcome) => {
        ended(outcome.status);
        reply.answer(raw, outcome);
      },
    });
    quota.take(principal, this.config().limits.maxPending);
    let sent: Sent | undefined;
    reply.begin(() => {
      sent?.cancel();
      const text = 'The client has left';
      call.outlet.answer(errorText(frame.idText, ErrorCode.cancelled, text), {
        status: 'cancelled',
      });
    });
    const envelope = envelopeOf(frame);
    try {
      sent = await server.request(
        { frame: call.frame, envelope, principal, headers: req.headers },
        {
          send: raw => call.outlet.send(raw),
          answer: (raw, outcome) => {
            if (!reply.done) call.outlet.answer(raw, outcome);
          },
        },
      );
    } catch (error) {
      if (!reply.done) ended('error');
      reply.abandon();
      throw error;
    }
    if (res.destroyed) sent.cancel();
    this.metrics.overhead((performance.now() - startedAt) / 1000);
  }

  private connect(res: ServerResponse, permit: Permit): EventConnection {
    const limits = () => this.config().limits;
    const connection = new EventConnection(res, {
      maxQueue: () => limits().maxQueue,
      // The process serves others too, so a slow reader does not hold it.
      hold: () => {},
      release: () => {},
      onSlow: () => this.metrics.rejected('slow_reader'),
      keepAlive: limits().keepAlive,
    });
    const stopWatch = permit.watch(limits().keepAlive, () => connection.end());
    connection.onClose = stopWatch;
    return connection;
  }

  get pendingCount(): number {
    return this.pending.total;
  }
}

/** Whether the call that a request goes on with waits on another replica, which answers it then. */
async function passedOn(
  frame: RequestFrame | NotificationFrame,
  { req, res, permit, elsewhere }: Received,
): Promise<boolean> {
  const state = stateOf(frame);
  if (state === undefined || !elsewhere) return false;
  return elsewhere.resume(state, frame.raw, req, res, permit.principal);
}

function stateOf({ kind, params }: RequestFrame | NotificationFrame) {
  const state = params && own(params, 'requestState');
  return kind === 'request' && typeof state === 'string' ? state : undefined;
}

/** The id of the one request in a body. */
function idOf({ batch, frames: [frame] }: Body): string | null {
  return !batch && frame.kind === 'request' ? frame.idText : null;
}
