import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { startBackend, BACKEND } from '../../portal/services.ts';
import { portalUrl, type Ports } from '../../portal/settings.ts';
import type { StateDir } from '../../portal/stateDir.ts';
import { isAlive } from '../../../../dev-cluster/src/system/processes.ts';
import { running, stop } from '../../system/detached.ts';
import { sleep, until } from '../../../../dev-cluster/src/system/wait.ts';

const listens = (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1');
    const answer = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });

/** A real backend process in production mode, to be killed, paused and ended. */
export class Backend {
  readonly state: StateDir;
  readonly ports: Ports;
  readonly url: string;
  readonly environment: Record<string, string>;

  constructor(
    state: StateDir,
    ports: Ports,
    environment: Record<string, string>,
  ) {
    this.state = state;
    this.ports = ports;
    this.url = portalUrl(ports);
    this.environment = environment;
  }

  /** Starts it, unless it runs, and waits until it is ready. */
  async start(): Promise<void> {
    await startBackend(this.state, this.ports, this.environment);
  }

  /** As when a machine loses its power. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As a platform ends a process. Returns after how many milliseconds it was gone. */
  async terminate(): Promise<number> {
    return this.#end('SIGTERM');
  }

  /** Its address is then in its log. */
  openDebugger(): void {
    this.#signal('SIGUSR1');
  }

  /** Time of processors that it has taken so far, which other work on the machine does not change much. */
  cpuMs(): number {
    // Fields from the third on, after the name, which may hold spaces; in ticks of 10 ms.
    const id = running(this.state.pid(BACKEND));
    const stat = readFileSync(`/proc/${id?.pid}/stat`, 'utf8');
    const fields = stat.split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  pause(): void {
    this.#signal('SIGSTOP');
  }

  goOn(): void {
    this.#signal('SIGCONT');
  }

  async stop(): Promise<void> {
    if (running(this.state.pid(BACKEND))) {
      // A paused one would not hear that it shall end.
      this.goOn();
    }
    await stop(this.state.pid(BACKEND));
  }

  #signal(name: NodeJS.Signals) {
    const id = running(this.state.pid(BACKEND));
    if (!id) {
      throw new Error(`The backend of ${this.url} does not run.`);
    }
    process.kill(id.pid, name);
    return id;
  }

  async #end(name: NodeJS.Signals): Promise<number> {
    const begin = performance.now();
    const id = this.#signal(name);
    while (isAlive(id)) {
      if (performance.now() - begin > 120_000) {
        throw new Error(`The backend did not end on ${name} within 120 s.`);
      }
      await sleep(10);
    }
    const took = performance.now() - begin;
    // Its main thread is gone; the others may hold the port a moment longer.
    await until(
      'a free port',
      async () => !(await listens(this.ports.portal)),
      {
        seconds: 10,
        everyMs: 20,
      },
    );
    return took;
  }
}
