import type { Bridge } from '../bridge';
import {
  eraCommand,
  fixtureCommand,
  startBridge,
} from '../__testUtils__/bridge';
import { TestClient } from '../__testUtils__/client';
import { waitFor } from '../__testUtils__/wait';

// Servers on the SDK take a second to start, more on a busy machine.
jest.setTimeout(60_000);

/** A server in one line: what it does with each request. */
const script = (work: string) => [
  process.execPath,
  '-e',
  `require('node:readline').createInterface({ input: process.stdin }).on('line', line => {
    const { id, method, params } = JSON.parse(line);
    const send = message => console.log(JSON.stringify({ jsonrpc: '2.0', id, ...message }));
    const initialize = () => send({ result: { protocolVersion: params.protocolVersion, capabilities: {}, serverInfo: { name: 's', version: '1' } } });
    ${work}
  })`,
];

describe('finding out what a server speaks', () => {
  let bridge: Bridge;
  afterEach(() => bridge.stop());

  it.each([
    ['both', eraCommand, { legacy: true, modern: true }],
    [
      'sessions, as it answers everything',
      fixtureCommand,
      { legacy: true, modern: false },
    ],
    [
      'sessions, as it ends upon anything else',
      script(
        'if (method === "initialize") initialize(); else if (id !== undefined) process.exit(1);',
      ),
      { legacy: true, modern: false },
    ],
    [
      'sessions, as it is silent upon anything else',
      script('if (method === "initialize") initialize();'),
      { legacy: true, modern: false },
    ],
    [
      'no sessions',
      script(
        `if (method === "server/discover") send({ result: { supportedVersions: ["2026-07-28"], capabilities: {}, resultType: "complete" } });
         else send({ error: { code: -32022, message: "no", data: { supported: ["2026-07-28"] } } });`,
      ),
      { legacy: false, modern: true },
    ],
    [
      'both, each process that which it is spoken to first',
      script(
        `const { said = method } = globalThis;
         globalThis.said = said;
         if (method === "server/discover") send({ result: { supportedVersions: ["2026-07-28"], capabilities: {}, resultType: "complete" } });
         else if (said === "initialize") initialize();
         else send({ error: { code: -32022, message: "no", data: { supported: ["2026-07-28"] } } });`,
      ),
      { legacy: true, modern: true },
    ],
  ])('%s', async (_, command, eras) => {
    bridge = await startBridge({ command });
    expect(await bridge.supervisor.eras()).toEqual(eras);
  });

  it('takes what the configuration says for granted', async () => {
    bridge = await startBridge({ command: eraCommand, era: 'legacy' });
    expect(await bridge.supervisor.eras()).toEqual({
      legacy: true,
      modern: false,
    });
  });

  it('says so when the server does not speak what it is said to', async () => {
    bridge = await startBridge(
      { command: fixtureCommand, era: 'modern' },
      { ready: false },
    );
    const { supervisor } = bridge;
    await waitFor(() => /2026-07-28/.test(supervisor.readiness.reason ?? ''));
    expect(supervisor.readiness.ok).toBe(false);
  });

  it('does not hold a session up where readiness asks for no handshake', async () => {
    bridge = await startBridge({
      command: fixtureCommand,
      handshake: 'bridge-only',
    });
    const client = await TestClient.connect(bridge.port);
    expect((await client.call('pid')).status).toBe(200);
  });
});
