import { invalid, type Refusal } from '../frames/errors';
import type { Body, RequestFrame } from '../frames/frame';
import { Passage, sendAll, takeIn } from '../session/intake';
import type { Session } from '../session/session';
import type { CallOutlet, FreeOutlet, SessionEnd } from '../session/types';
import type { Permit } from './permit';

/** Why a channel is ended by the bridge. */
export interface ChannelEnd {
  readonly reason: SessionEnd['reason'] | 'auth';
  readonly text: string;
}

/** A connection that carries everything for its client. */
export interface Line {
  send(raw: string): void;
  end(why: ChannelEnd): void;
}

const UNAUTHORIZED: ChannelEnd = {
  reason: 'auth',
  text: 'The token has expired or was revoked',
};

/**
 * A client whose session lives and ends with one connection: all that the
 * server says goes out there, answers as well as requests of its own.
 */
export class Channel implements FreeOutlet, CallOutlet {
  /** An initialize request went out, and was not refused. */
  private begun = false;
  private left = false;
  private readonly stopWatch: () => void;

  constructor(
    readonly session: Session,
    private readonly permit: Permit,
    private readonly line: Line,
    checkEvery: number,
  ) {
    this.stopWatch = permit.watch(checkEvery, () => this.lose());
    session.attach(this);
  }

  /**
   * Takes what the client has sent.
   * @throws Refusal when all of it is refused, before anything was passed on
   */
  accept(
    body: Body,
    passage: Passage,
    maxPending: number,
    startedAt: number,
    onRefused: (refusal: Refusal, frame: RequestFrame) => void,
  ): void {
    const begins = this.inOrder(body);
    const requests = takeIn(this.session, body, maxPending);
    const outlet = begins ? this.opening() : this;
    this.begun ||= begins;
    const refused = (refusal: Refusal, frame: RequestFrame) => {
      if (begins) this.begun = false;
      onRefused(refusal, frame);
    };
    sendAll(this.session, requests, outlet, passage, startedAt, refused);
  }

  send(raw: string): void {
    this.line.send(raw);
  }

  answer(raw: string): void {
    this.line.send(raw);
  }

  end(why: SessionEnd): void {
    this.stopWatch();
    this.line.end(why);
  }

  renew(): void {
    void this.permit.holds().then(held => {
      if (!held) this.lose();
    });
  }

  /** The connection is gone, and the session with it. */
  closed(): void {
    if (this.left) return;
    this.left = true;
    this.stopWatch();
    void this.session.end('The client left');
  }

  private lose(): void {
    if (this.left) return;
    this.line.end(UNAUTHORIZED);
    this.closed();
  }

  /** A client whose initialize is refused by the server may try another one. */
  private opening(): CallOutlet {
    return {
      send: raw => this.send(raw),
      answer: raw => {
        this.begun = this.session.initialized;
        this.send(raw);
      },
    };
  }

  /**
   * Some clients open a new connection after a cut and go on as if it were the
   * old one, which servers bear badly.
   * @returns whether it is an initialize request
   */
  private inOrder({ batch, frames }: Body): boolean {
    const requests = frames.filter(
      (frame): frame is RequestFrame => frame.kind === 'request',
    );
    if (requests.some(({ method }) => method === 'initialize')) {
      if (this.begun) throw invalid('This session is already initialized');
      if (batch) throw invalid('An initialize request must stand alone');
      return true;
    }
    if (!this.begun && requests.some(({ method }) => method !== 'ping')) {
      throw invalid(
        'This session is new; begin with an initialize request (if you had another one, it has ended)',
      );
    }
    return false;
  }
}
