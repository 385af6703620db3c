import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(240_000);

/** A server of one tool that speaks Streamable HTTP, at the address of its first argument. */
const HTTP_SERVER = `
const answers = {
  initialize: () => ({
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'http', version: '1' },
  }),
  'tools/list': () => ({
    tools: [{ name: 'hi', inputSchema: { type: 'object' } }],
  }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'over HTTP' }] }),
};
require('node:http').createServer(async (req, res) => {
  let text = '';
  for await (const chunk of req) text += chunk;
  if (req.method !== 'POST') return res.writeHead(405).end();
  const { id, method } = JSON.parse(text);
  if (id === undefined) return res.writeHead(202).end();
  const answer = answers[method];
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ jsonrpc: '2.0', id, ...(answer
    ? { result: answer() }
    : { error: { code: -32601, message: 'Method not found' } }) }));
}).listen(3000, process.argv[1]);
`;

describe('a server that speaks HTTP itself', () => {
  const { hello, plain } = testImages();
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('http');
  });
  afterAll(() => rig?.stop());

  const server = (mode: 'baked' | 'sidecar', address: string) =>
    testServer({
      name: `http-${mode}`,
      image: mode === 'baked' ? hello : plain,
      bridge: { mode },
      command: ['node', '-e', HTTP_SERVER, address],
      transport: { type: 'http', port: 3000 },
    });

  it.each(['baked', 'sidecar'] as const)(
    'is served through its bridge: %s',
    async mode => {
      const input = server(mode, '127.0.0.1');
      await rig.deploy(input);
      await rig.until(
        rig.desired(input),
        status => status.state === 'Running',
        120_000,
      );
      const client = new Client({ name: 'test', version: '1' });
      const url = await rig.serve(input, { subject: 'user:default/ann' });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      expect(await client.callTool({ name: 'hi' })).toMatchObject({
        content: [{ text: 'over HTTP' }],
      });
      await client.close();
    },
  );

  it('is not served while others reach it past its bridge', async () => {
    const input = { ...server('sidecar', '0.0.0.0') };
    input.spec.name = 'open';
    await rig.deploy(input);
    const status = await rig.until(
      rig.desired(input),
      ({ state }) => state === 'Failed',
      120_000,
    );
    expect(status.message).toContain(
      'listens on 0.0.0.0:3000, where it is reached past the bridge',
    );
  });
});
