import { idKey, RequestFrame } from '../frames/frame';
import type { CallOutlet, Outcome, Sent } from './types';

/** A request of a client that waits for its answer. */
export class ClientCall implements CallOutlet {
  sent?: Sent;

  constructor(
    readonly frame: RequestFrame,
    private readonly outlet: CallOutlet,
    /** From `performance.now()`. */
    readonly startedAt: number,
    private readonly onAnswer: (call: ClientCall, outcome: Outcome) => void,
  ) {}

  send(raw: string): void {
    this.outlet.send(raw);
  }

  answer(raw: string, outcome: Outcome): void {
    this.onAnswer(this, outcome);
    this.outlet.answer(raw, outcome);
  }
}

/** The requests of a client that wait for an answer, by the client's ids. */
export class ClientCalls {
  private readonly all = new Set<ClientCall>();
  private readonly byId = new Map<string, ClientCall[]>();

  get size(): number {
    return this.all.size;
  }

  add(call: ClientCall): void {
    this.all.add(call);
    const key = idKey(call.frame.idText);
    const same = this.byId.get(key);
    if (same) same.push(call);
    else this.byId.set(key, [call]);
  }

  /** The newest request with an id: clients may use an id twice, even at the same time. */
  newest(idText: string): ClientCall | undefined {
    return this.byId.get(idKey(idText))?.at(-1);
  }

  /** The one request that waits, if it is exactly one. */
  get only(): ClientCall | undefined {
    if (this.all.size !== 1) return undefined;
    const [call] = this.all;
    return call;
  }

  remove(call: ClientCall): boolean {
    if (!this.all.delete(call)) return false;
    const key = idKey(call.frame.idText);
    const same = this.byId.get(key) ?? [];
    if (same.length <= 1) this.byId.delete(key);
    else same.splice(same.indexOf(call), 1);
    return true;
  }
}
