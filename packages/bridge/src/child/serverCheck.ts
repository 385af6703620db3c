import type { BridgeConfig } from '../config/schema';
import type { Child } from './child';
import { Eras, probe, ProbeResult, ServerFacts } from './probe';

export interface ServerCheckOptions {
  readonly config: () => BridgeConfig;
  /** A process that serves nobody. */
  readonly launch: () => Child;
  readonly cannotStart: () => boolean;
  readonly onWorking: (facts: ServerFacts) => void;
  readonly onFailed: (reason: string) => void;
}

/** What is taken for granted of a server that cannot be asked. */
const UNKNOWN_ERAS: Eras = { legacy: true, modern: false };

/** Finds out on a process of its own whether the server works, and which revisions it speaks. */
export class ServerCheck {
  private known?: Eras;
  /** A probe has come to an end, well or not. */
  private done = false;
  private running = false;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: ServerCheckOptions) {}

  get isRunning(): boolean {
    return this.running;
  }

  get isDone(): boolean {
    return this.done;
  }

  get eras(): Eras {
    return this.known ?? UNKNOWN_ERAS;
  }

  /** Waits for the end of a probe. */
  ended(): Promise<void> {
    return new Promise(resolve => this.waiting.push(resolve));
  }

  /** Nobody has to wait any more. */
  giveUp(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** What was found out is no longer true. */
  forget(): void {
    this.known = undefined;
    this.done = false;
  }

  /** @returns whether the server works */
  async run(): Promise<boolean> {
    const { config, cannotStart } = this.options;
    this.running = true;
    let result = await this.probe(config().era);
    if (!result.ok && result.shy && !cannotStart())
      result = await this.probe('legacy');
    else if (result.ok && result.refusedLegacy && !cannotStart()) {
      // The first request decides what a process of some servers speaks.
      const { ok } = await this.ask('legacy');
      if (ok) result = { ...result, eras: { legacy: true, modern: true } };
    }
    this.running = false;
    this.done = true;
    if (result.ok) this.known = result.eras;
    this.giveUp();
    return result.ok;
  }

  private probe(era: BridgeConfig['era']): Promise<ProbeResult> {
    const { config, cannotStart, onWorking, onFailed } = this.options;
    return this.ask(era, result => {
      if (result.ok) onWorking(result.facts);
      else if (!cannotStart() && config().handshake === 'full')
        onFailed(result.reason);
    });
  }

  /** @param heed what to do with the result before the process has ended, which may take its time */
  private async ask(
    era: BridgeConfig['era'],
    heed: (result: ProbeResult) => void = () => {},
  ): Promise<ProbeResult> {
    const { config, launch } = this.options;
    const child = launch();
    const result = await probe(child, config().handshakeTimeout, era);
    heed(result);
    await child.stop();
    return result;
  }
}
