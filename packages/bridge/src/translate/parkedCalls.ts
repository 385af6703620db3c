import { ErrorCode, Refusal } from '../frames/errors';
import type { RequestStates } from '../peers/requestState';
import type { Principal } from '../session/types';
import type { ParkedCall } from './parkedCall';

/** The answer upon which clients make their call anew. */
export function unknownCall(): Refusal {
  return new Refusal(
    400,
    'protocol',
    'The requestState is not valid, or its call waits no more; begin anew without it',
    { code: ErrorCode.invalidParams },
  );
}

interface Parked {
  readonly call: ParkedCall;
  readonly timer: NodeJS.Timeout;
}

/** The calls of this replica that wait for what their clients were asked. */
export class ParkedCalls {
  private readonly byName = new Map<string, Parked>();
  private readonly names = new WeakMap<ParkedCall, string>();

  constructor(
    readonly states: RequestStates,
    /** How long a client may take, in milliseconds. */
    private readonly timeout: () => number,
  ) {}

  get size(): number {
    return this.byName.size;
  }

  /** @returns what its client has to bring back */
  park(call: ParkedCall): string {
    const name = this.names.get(call) ?? this.states.newCall();
    this.names.set(call, name);
    const timeout = this.timeout();
    const timer = setTimeout(() => call.giveUp(), timeout);
    this.byName.set(name, { call, timer });
    return this.states.seal(name, call.principal, Date.now() + timeout);
  }

  /** The call that a state names, which is not parked any more; nothing for any other text. */
  take(state: string, principal: Principal): ParkedCall | undefined {
    const opened = this.states.open(state, principal);
    const parked = opened && this.byName.get(opened.call);
    if (!opened || !parked) return undefined;
    this.byName.delete(opened.call);
    clearTimeout(parked.timer);
    return parked.call;
  }

  /** The call is over. */
  forget(call: ParkedCall): void {
    const name = this.names.get(call);
    const parked = name === undefined ? undefined : this.byName.get(name);
    if (name === undefined || !parked) return;
    clearTimeout(parked.timer);
    this.byName.delete(name);
  }

  /** Gives up whatever waits. */
  close(): void {
    for (const { call } of [...this.byName.values()]) call.giveUp();
  }
}
