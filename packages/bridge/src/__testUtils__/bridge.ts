import { join } from 'node:path';
import { pino } from 'pino';
import { Bridge } from '../bridge';
import type { Settings } from '../config/flags';
import { configFrom } from '../config/load';
import { freePort } from '../../conformance/port';
import { waitFor } from './wait';

export const fixtureServer = join(__dirname, 'fixtureServer.mjs');
export const fixtureCommand = [process.execPath, fixtureServer];

/** A server on the SDK that speaks both kinds of revisions. */
export const eraCommand = [process.execPath, join(__dirname, 'eraServer.mjs')];

/** Settings for the same server behind HTTP, which the bridge starts. */
export async function httpServer(): Promise<Settings> {
  const port = await freePort();
  return {
    upstream: `http://127.0.0.1:${port}/mcp`,
    command: [...eraCommand, String(port)],
  };
}

export const silent = pino({ level: 'silent' });

/** Settings over the fixture server without a login, on ports of the system's choice. */
export function settings(overrides: Settings = {}): Settings {
  return {
    port: 0,
    adminPort: 0,
    auth: { mode: 'none' },
    stopGrace: '1s',
    drain: '5s',
    logLevel: 'silent',
    command: fixtureCommand,
    ...overrides,
  };
}

/** A bridge in this process over a real server process; ready unless told not to wait. */
export async function startBridge(
  overrides: Settings = {},
  {
    ready = true,
    before = () => {},
  }: { ready?: boolean; before?: (bridge: Bridge) => void } = {},
): Promise<Bridge> {
  const bridge = new Bridge(
    { config: configFrom(settings(overrides)), hash: 'first', unknownKeys: [] },
    silent,
  );
  before(bridge);
  await bridge.start();
  if (ready)
    await waitFor(
      () =>
        bridge.supervisor.readiness.ok &&
        bridge.supervisor.list().some(c => c.state === 'spare'),
    );
  return bridge;
}

/** Gives a running bridge new settings, as a changed file would. */
export function change(bridge: Bridge, overrides: Settings): void {
  bridge.reconfigure({
    config: configFrom(settings(overrides)),
    hash: 'second',
    unknownKeys: [],
  });
}
