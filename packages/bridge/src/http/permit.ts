import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { insufficientScope } from '../auth/challenge';
import { Identity, PORTAL_HEADER } from '../auth/identity';
import type { Credentials } from '../child/process';
import { refuseAmbiguous } from '../frames/ambiguity';
import { ErrorCode, FrameError, Refusal } from '../frames/errors';
import type { Body, RequestFrame } from '../frames/frame';
import { isObject, own } from '../frames/json';
import { filterTools } from '../frames/toolList';
import type { Call, CallOutlet, Outcome, Principal } from '../session/types';
import type { Gate } from './gate';

function digestOf(credentials: Credentials): string {
  return createHash('sha256').update(JSON.stringify(credentials)).digest('hex');
}

function needsInput({ frame }: Outcome): boolean {
  return (
    isObject(frame?.result) &&
    own(frame.result, 'resultType') === 'input_required'
  );
}

/** A proven sender and what they may do. Tokens expire and are revoked, so what stays open asks again. */
export class Permit {
  /** Whom sessions belong to: without the same credentials nobody has the same session. */
  readonly principal: Principal;

  private constructor(
    private readonly gate: Gate,
    private identity: Identity,
    private readonly headers: IncomingHttpHeaders,
    /** Variables for a session's own process. */
    readonly credentials: Credentials | undefined,
  ) {
    this.principal = credentials
      ? `${identity.principal} ${digestOf(credentials)}`
      : identity.principal;
  }

  /** @throws Refusal when the sender is not known, or may not come in */
  static async of(gate: Gate, all: IncomingHttpHeaders): Promise<Permit> {
    const headers = {
      authorization: all.authorization,
      [PORTAL_HEADER]: all[PORTAL_HEADER],
      traceparent: all.traceparent,
      tracestate: all.tracestate,
    };
    const identity = await gate.authenticator.authenticate(headers);
    return new Permit(gate, identity, headers, gate.credentialsIn(all));
  }

  /** Whether the portal itself asks, and not one of its users. */
  get isPortal(): boolean {
    return this.identity.portal ?? false;
  }

  /** Whether the token still proves the same sender. */
  async holds(): Promise<boolean> {
    try {
      const now = await this.gate.authenticator.authenticate(this.headers);
      if (now.principal !== this.identity.principal) return false;
      this.identity = now; // what they may do can have changed
      return true;
    } catch (error) {
      // A check that could not be made says nothing about the token.
      return !(error instanceof Refusal) || error.status >= 500;
    }
  }

  /** Asks again and again, until it is told to stop or the token is good no more. @returns what stops it */
  watch(every: number, onLost: () => void): () => void {
    const timer = setInterval(() => {
      void this.holds().then(held => {
        if (!held) onLost();
      });
    }, every);
    timer.unref();
    return () => clearInterval(timer);
  }

  /**
   * Looks at what came in before any of it is passed on.
   * @throws Refusal 400 or 429
   */
  admit({ frames }: Body): void {
    this.gate.charge(this.identity, frames.length);
    if (this.gate.policy.open) return;
    try {
      for (const { raw } of frames) refuseAmbiguous(raw);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw new Refusal(400, 'protocol', error.message, { code: error.code });
    }
  }

  /**
   * A request as it may go to the server, and the place for its answer: tools
   * that the sender may not call are not listed.
   * @throws Refusal 403
   */
  pass(frame: RequestFrame, outlet: CallOutlet): Call {
    const place = this.placeFor(frame, outlet);
    const { tracing } = this.gate;
    return (
      tracing?.begin(frame, place, this.headers) ?? { frame, outlet: place }
    );
  }

  private placeFor(frame: RequestFrame, outlet: CallOutlet): CallOutlet {
    if (frame.method === 'tools/call') {
      this.refuseForbidden(frame);
      return this.counted(frame, outlet);
    }
    return frame.method === 'tools/list' && !this.gate.policy.open
      ? this.filtered(outlet)
      : outlet;
  }

  /**
   * Counts a call when it is answered: one that was refused for a limit is none,
   * and one that needs input first goes on with another request.
   */
  private counted({ params }: RequestFrame, outlet: CallOutlet): CallOutlet {
    const tool = typeof params?.name === 'string' ? params.name : '';
    return {
      send: raw => outlet.send(raw),
      answer: (raw, outcome) => {
        if (!needsInput(outcome))
          this.gate.usage.called(this.identity.principal, tool);
        outlet.answer(raw, outcome);
      },
    };
  }

  private refuseForbidden({ params }: RequestFrame): void {
    const { policy, metadata } = this.gate;
    if (policy.open || typeof params?.name !== 'string') return;
    const { allowed, missing } = policy.judge(params.name, this.identity);
    if (allowed) return;
    const name = params.name.slice(0, 100);
    if (missing !== undefined && metadata) {
      throw insufficientScope(
        `The tool "${name}" needs a token with the scope ${missing.join(' ')}`,
        missing,
        metadata.url,
      );
    }
    throw new Refusal(403, 'tool', `You may not call the tool "${name}"`, {
      code: ErrorCode.unavailable,
    });
  }

  private filtered(outlet: CallOutlet): CallOutlet {
    const { policy } = this.gate;
    const visible = (name: string) => policy.judge(name, this.identity).allowed;
    return {
      send: raw => outlet.send(raw),
      answer: (raw, outcome) =>
        outlet.answer(filterTools(raw, visible), outcome),
    };
  }
}
