import { readFileSync } from 'node:fs';
import { BACKEND } from '../../portal/services.ts';
import { sleep } from '../../../../dev-cluster/src/system/wait.ts';
import type { Backend } from '../world/Backend.ts';
import type { Chance } from './Chance.ts';

/** How long a backend may be silent until another one takes its operations over. */
const LEASE_MS = 15_000;
const TAKEN = /Carrying out operation/g;

/** Kills and pauses backends at random moments, and counts what each of them carried out. */
export class Wreckers {
  readonly #backends: readonly Backend[];
  readonly #chance: Chance;
  /** How many operations are being carried out. */
  readonly #underWay: () => Promise<number>;
  readonly taken = new Map<Backend, number>();
  readonly startMs: number[] = [];
  /** Faults that met at least one operation under way. */
  met = 0;

  constructor(options: {
    backends: readonly Backend[];
    chance: Chance;
    underWay: () => Promise<number>;
  }) {
    this.#backends = options.backends;
    this.#chance = options.chance;
    this.#underWay = options.underWay;
  }

  async run(
    { kills, pauses }: { kills: number; pauses: number },
    afterEach: (done: number) => Promise<void>,
  ): Promise<void> {
    // Each backend gets its share, whatever the seed.
    const victims = (count: number, fault: 'kill' | 'pause') =>
      Array.from({ length: count }, (_, index) => ({
        fault,
        victim: this.#backends[index % this.#backends.length],
      }));
    const faults = this.#chance.shuffled([
      ...victims(kills, 'kill'),
      ...victims(pauses, 'pause'),
    ]);
    for (const [index, { fault, victim }] of faults.entries()) {
      await sleep(this.#chance.between(0, 6_000));
      this.met += Number((await this.#underWay()) > 0);
      await (fault === 'kill' ? this.#kill(victim) : this.#pause(victim));
      await afterEach(index + 1);
    }
    this.#backends.forEach(backend => this.#count(backend));
  }

  async #kill(victim: Backend): Promise<void> {
    await victim.kill();
    this.#count(victim);
    const begin = performance.now();
    await victim.start();
    this.startMs.push(performance.now() - begin);
  }

  async #pause(victim: Backend): Promise<void> {
    victim.pause();
    try {
      await sleep(LEASE_MS + this.#chance.between(1_000, 5_000));
    } finally {
      victim.goOn();
    }
  }

  /** A backend that starts begins its log anew. */
  #count(backend: Backend): void {
    const log = readFileSync(backend.state.log(BACKEND), 'utf8');
    const before = this.taken.get(backend) ?? 0;
    this.taken.set(backend, before + (log.match(TAKEN) ?? []).length);
  }
}
