import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { AddressInfo, connect, createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureCommand } from './bridge';
import { send } from './client';
import { Program } from './program';
import { waitFor } from './wait';

export const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];

function listening(server: Server, port: number, host: string) {
  return new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

/** A port that is free on all addresses. */
export async function commonPort(): Promise<number> {
  for (;;) {
    const servers = ADDRESSES.map(() => createServer());
    try {
      let port = 0;
      for (const [at, server] of servers.entries())
        port = await listening(server, port, ADDRESSES[at]);
      return port;
    } catch {
      // taken on one of them: another
    } finally {
      await Promise.all(
        servers.map(server => new Promise(done => server.close(done))),
      );
    }
  }
}

/** Stands for a Service: each connection goes to the next of its targets. */
export class RoundRobin {
  targets: { host: string; port: number }[] = [];
  port = 0;
  private turn = 0;
  private readonly server = createServer(client => {
    const target = this.targets[this.turn++ % this.targets.length];
    const upstream = connect(target);
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });

  async start(): Promise<void> {
    this.port = await listening(this.server, 0, '127.0.0.1');
  }
  stop(): void {
    this.server.close();
  }
}

/** A file with a secret that replicas may share. */
export function secretFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bridge-ring-')), 'secret');
  writeFileSync(path, randomBytes(32).toString('base64'));
  return path;
}

export interface ReplicaOptions {
  readonly bundle: string;
  readonly address: string;
  readonly port: number;
  readonly peersPort: number;
  readonly secret: string;
  readonly uid?: string;
  /** In place of `--auth none`. */
  readonly flags?: readonly string[];
}

/** The built program on an address of its own, ready to serve. */
export async function startReplica(options: ReplicaOptions): Promise<Program> {
  const { bundle, address, port, peersPort, secret, uid, flags } = options;
  const program = new Program(bundle, [
    ...['--host', address, '--port', String(port), '--admin-port', '0'],
    ...['--peers-port', String(peersPort), '--secret-file', secret],
    ...['--peers-addresses', ADDRESSES.join(','), '--pod-ip', address],
    ...['--pod-uid', uid ?? randomBytes(8).toString('hex')],
    ...['--stop-grace', '500ms', ...(flags ?? ['--auth', 'none'])],
    '--',
    ...fixtureCommand,
  ]);
  const { adminPort } = await program.listening();
  const ready = { method: 'GET', path: '/ready', host: address };
  await waitFor(async () => (await send(adminPort, ready)).status === 200);
  return program;
}
