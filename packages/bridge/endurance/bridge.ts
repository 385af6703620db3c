import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startBridge, type RunningBridge } from '../conformance/bridge.ts';
import { Inspector } from './inspector.ts';
import { within } from './wait.ts';

const here = import.meta.dirname;

/** A server that works on demand, and says whose everything is. */
export const workServer = [process.execPath, join(here, 'server.mjs')];
/** One that costs next to nothing. */
export const tinyServer = ['/bin/sh', join(here, 'tiny.sh')];

/** A bridge that runs as it does in an image, with an inspector for its memory. */
export interface Subject extends RunningBridge {
  readonly grpcPort: number;
  readonly inspector: Inspector;
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Starts one with every front end; ready when a process of the server has answered. */
export async function startSubject(
  command: readonly string[],
  flags: readonly string[] = [],
): Promise<Subject> {
  const grpcPort = await freePort();
  const bridge = await startBridge({
    command,
    nodeFlags: ['--inspect=127.0.0.1:0'],
    flags: ['--grpc-port', String(grpcPort), ...flags],
  });
  const inspectorUrl = bridge.said
    .map(line => /ws:\/\/127\.0\.0\.1:\S+/.exec(line)?.[0])
    .find(Boolean);
  if (inspectorUrl === undefined) throw new Error('Node says no inspector URL');
  const isReady = async () =>
    (await fetch(`http://127.0.0.1:${bridge.adminPort}/ready`)).ok;
  if (!(await within(60_000, isReady)))
    throw new Error(`The bridge is not ready:\n${bridge.said.join('\n')}`);
  const inspector = await Inspector.connect(inspectorUrl);
  return {
    ...bridge,
    grpcPort,
    inspector,
    stop: () => {
      inspector.close();
      return bridge.stop();
    },
  };
}
