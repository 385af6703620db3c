import { HeldMessages } from './held';
import type { CallOutlet, FreeOutlet, SessionEnd } from './types';

const HELD_MESSAGES = 1000;
const HELD_BYTES = 1_000_000;

/** The free streams of a session, the newest last, and what waits for one to open. */
export class FreeStreams {
  private readonly outlets: FreeOutlet[] = [];
  private readonly held: HeldMessages;

  constructor(onDrop: () => void) {
    this.held = new HeldMessages(HELD_MESSAGES, HELD_BYTES, onDrop);
  }

  get size(): number {
    return this.outlets.length;
  }

  get newest(): FreeOutlet | undefined {
    return this.outlets.at(-1);
  }

  /** What was held goes there now, and what comes, to the newest. */
  attach(outlet: FreeOutlet): void {
    this.outlets.push(outlet);
    for (const raw of this.held.takeAll()) outlet.send(raw);
  }

  detach(outlet: FreeOutlet): void {
    const at = this.outlets.indexOf(outlet);
    if (at !== -1) this.outlets.splice(at, 1);
  }

  deliver(place: CallOutlet | FreeOutlet | undefined, raw: string): void {
    if (place) place.send(raw);
    else this.held.push(raw);
  }

  /** Ends the oldest, to make room. */
  dropOldest(): void {
    this.outlets.shift()?.end();
  }

  renewAll(): void {
    for (const outlet of [...this.outlets]) outlet.renew();
  }

  endAll(why: SessionEnd): void {
    for (const outlet of this.outlets.splice(0)) outlet.end(why);
  }
}
