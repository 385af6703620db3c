import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureCommand } from '../__testUtils__/bridge';
import { TestClient, textOf } from '../__testUtils__/client';
import { ModernClient } from '../__testUtils__/modernClient';
import { buildProgram, Program } from '../__testUtils__/program';
import { SocketClient } from '../__testUtils__/socket';

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status?: { code?: number };
  readonly attributes: { key: string; value: { stringValue?: string } }[];
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const parentOf = (spanId: string) => `00-${TRACE}-${spanId}-01`;

describe('traces', () => {
  const spans: ExportedSpan[] = [];
  let collector: Server;
  let program: Program;
  let bridgePort: number;

  beforeAll(async () => {
    collector = createServer(async (req, res) => {
      let text = '';
      for await (const chunk of req) text += chunk;
      const { resourceSpans } = JSON.parse(text);
      for (const { scopeSpans } of resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans);
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>(resolve =>
      collector.listen(0, '127.0.0.1', () => resolve()),
    );
    const { port } = collector.address() as AddressInfo;
    const bundle = join(mkdtempSync(join(tmpdir(), 'bridge-')), 'bridge.mjs');
    await buildProgram(bundle);
    program = new Program(bundle, [
      ...['--port', '0', '--admin-port', '0', '--max-line', '1MB'],
      ...['--tracing-endpoint', `http://127.0.0.1:${port}`],
      ...['--', ...fixtureCommand],
    ]);
    bridgePort = (await program.listening()).port;
  });
  afterAll(() => {
    program.signal('SIGKILL');
    collector.close();
    collector.closeAllConnections();
  });

  it('go from the HTTP request through the bridge to the server, with nothing secret in them', async () => {
    const client = await TestClient.connect(bridgePort, {
      headers: {
        traceparent: parentOf('b7ad6b7169203331'),
        authorization: 'Bearer secret-token',
      },
    });
    await client.call('echo', { text: 'secret-argument' });
    await client.post({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: {
        name: 'pid',
        _meta: { traceparent: parentOf('00f067aa0ba902b7') },
      },
    });
    await client.post({
      jsonrpc: '2.0',
      id: 3,
      method: 'tools/call',
      params: { name: 'giant', arguments: { bytes: 2e6 } },
    });
    const socket = await SocketClient.connect(bridgePort);
    await socket.call('pid');
    const modern = new ModernClient(bridgePort, {
      traceparent: parentOf('a2fb4a1d1a96d312'),
    });
    const line = textOf(await modern.call('raw'));
    const seen = await client.seen();
    program.signal('SIGTERM'); // sends what is left
    await program.exited();

    const named = (name: string) => spans.filter(span => span.name === name);
    const [initialize] = named('initialize');
    const [echo] = named('tools/call echo');
    const [pid, ofSocket] = named('tools/call pid');
    expect([initialize.traceId, initialize.parentSpanId]).toEqual([
      TRACE,
      'b7ad6b7169203331',
    ]);
    expect([pid.traceId, pid.parentSpanId]).toEqual([
      TRACE,
      '00f067aa0ba902b7',
    ]);
    const [raw] = named('tools/call raw');
    expect([raw.traceId, raw.parentSpanId]).toEqual([
      TRACE,
      'a2fb4a1d1a96d312',
    ]);
    expect(line).toContain(`"traceparent":"00-${TRACE}-${raw.spanId}-01"`);
    expect(ofSocket.traceId).not.toBe(TRACE);
    const attributes = Object.fromEntries(
      echo.attributes.map(({ key, value }) => [key, value.stringValue]),
    );
    expect(attributes).toEqual({
      'rpc.system': 'jsonrpc',
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'echo',
    });
    const metaOf = (name: string) =>
      seen.find(({ params }) => params?.name === name)?.params?._meta;
    expect(metaOf('echo')).toEqual({
      traceparent: `00-${TRACE}-${echo.spanId}-01`,
    });
    expect(metaOf('pid')).toEqual({
      traceparent: `00-${TRACE}-${pid.spanId}-01`,
    });
    expect(named('tools/call giant')[0].status?.code).toBe(2);
    expect(JSON.stringify(spans)).not.toContain('secret');
  });
});
