import { constants } from 'node:os';
import type { Credentials, ProcessListener, ServerProcess } from '../process';
import { AgentInput, AgentOutput } from './channels';
import { encodeCredit, Kind } from './frames';

const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [
    number,
    name as NodeJS.Signals,
  ]),
);

/** Sends a frame on the stream of one process. */
type Send = (kind: number, payload: Uint8Array) => void;

/** What an agent is to start: a command, and variables besides its own. */
interface Program {
  readonly argv: readonly string[];
  readonly env?: Credentials;
}

/** A process that an agent has started in the server's own container. */
export class AgentProcess implements ServerProcess {
  pid: number | null = null;
  readonly stdin: AgentInput;
  readonly stdout: AgentOutput;
  readonly stderr: AgentOutput;

  private readonly gone: Promise<void>;
  private resolveGone: () => void = () => {};
  private exited = false;
  private openOutputs = 2;

  constructor(
    program: Program,
    private readonly send: Send,
    private readonly listener: ProcessListener,
  ) {
    this.gone = new Promise(resolve => {
      this.resolveGone = resolve;
    });
    this.stdin = new AgentInput(bytes => send(Kind.stdin, bytes));
    this.stdout = this.output(Kind.stdout);
    this.stderr = this.output(Kind.stderr);
    send(Kind.open, Buffer.from(JSON.stringify(program)));
  }

  signal(signal: NodeJS.Signals): void {
    this.send(Kind.signal, Buffer.of(constants.signals[signal]));
  }

  async sweep(graceMs: number): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.gone;
    clearTimeout(timer);
  }

  /** @throws Error when the agent does not keep to the protocol */
  receive(kind: number, payload: Buffer): void {
    switch (kind) {
      case Kind.started:
        this.pid = payload.readUInt32BE(0);
        break;
      case Kind.stdout:
        this.stdout.receive(payload);
        break;
      case Kind.stderr:
        this.stderr.receive(payload);
        break;
      case Kind.credit:
        this.stdin.grant(payload.readUInt32BE(1));
        break;
      case Kind.exit:
        this.onExit(payload);
        break;
      case Kind.gone:
        this.resolveGone();
        break;
      default:
        throw new Error(`it sends a frame of kind ${kind}`);
    }
  }

  /** The agent is gone, and all that it had started with it. */
  lost(reason: string): void {
    this.resolveGone();
    if (!this.exited) this.listener.onLost(reason);
    this.stdin.destroy();
    this.stdout.destroy();
    this.stderr.destroy();
  }

  private onExit(payload: Buffer): void {
    const { code, signal, error } = JSON.parse(payload.toString()) as {
      code?: number;
      signal?: number;
      error?: string;
    };
    this.exited = true;
    this.stdin.destroy();
    if (error !== undefined) {
      this.listener.onSpawnError(error);
      return;
    }
    this.listener.onExit(
      code ?? null,
      signal === undefined ? null : SIGNAL_NAMES.get(signal) ?? null,
    );
    this.closeWhenDone();
  }

  private output(kind: number): AgentOutput {
    const output = new AgentOutput(bytes =>
      this.send(Kind.credit, encodeCredit(kind, bytes)),
    );
    output.on('close', () => {
      this.openOutputs--;
      this.closeWhenDone();
    });
    return output;
  }

  private closeWhenDone(): void {
    if (this.exited && this.openOutputs === 0) this.listener.onClose();
  }
}
