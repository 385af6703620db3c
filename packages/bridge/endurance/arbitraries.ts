import * as fc from 'fast-check';

const IDS = [1, '1', -1, 0.5, 1e308, '__proto__', '', null, true, [], {}];
const METHODS = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'resources/read',
  'logging/setLevel',
  'server/discover',
  'subscriptions/listen',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  '__proto__',
  '',
];
const META = 'io.modelcontextprotocol/';

const anything = fc.jsonValue({ maxDepth: 3 });

const params = fc.record(
  {
    name: fc.oneof(fc.constantFrom('echo', 'work', 'nothing'), anything),
    arguments: anything,
    uri: anything,
    requestId: fc.oneof(fc.constantFrom(...IDS), anything),
    progressToken: fc.oneof(fc.constantFrom(...IDS), anything),
    requestState: anything,
    inputResponses: anything,
    protocolVersion: fc.oneof(
      fc.constantFrom('2025-06-18', '2024-11-05', '2026-07-28', '1'),
      anything,
    ),
    capabilities: anything,
    clientInfo: anything,
    _meta: fc.oneof(
      anything,
      fc.record(
        {
          progressToken: fc.oneof(fc.constantFrom(...IDS), anything),
          [`${META}protocolVersion`]: fc.oneof(
            fc.constant('2026-07-28'),
            anything,
          ),
          [`${META}clientCapabilities`]: fc.oneof(fc.constant({}), anything),
          [`${META}logLevel`]: anything,
          traceparent: anything,
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

const message = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, anything),
    id: fc.oneof(fc.constantFrom(...IDS), anything),
    method: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...METHODS) },
      fc.string(),
      anything,
    ),
    params: fc.oneof({ weight: 5, arbitrary: params }, anything),
    result: anything,
    error: anything,
  },
  { requiredKeys: [] },
);

/** Cuts something out of a text and puts something else in its place. */
const damaged = fc
  .tuple(message, fc.nat(), fc.nat(20), fc.string())
  .map(([value, at, length, instead]) => {
    const text = JSON.stringify(value);
    const from = at % (text.length + 1);
    return text.slice(0, from) + instead + text.slice(from + length);
  });

/** Bodies and frames: messages, batches, what is almost one, and what is none. */
export const body = fc.oneof(
  { weight: 6, arbitrary: message.map(value => JSON.stringify(value)) },
  { weight: 3, arbitrary: damaged },
  fc.array(message, { maxLength: 5 }).map(value => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
    '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"exit"}',
    '{"jsonrpc":"2.0","__proto__":{"id":1},"method":"ping"}',
    `{"jsonrpc":"2.0","id":${'9'.repeat(2000)},"method":"ping"}`,
    `{"jsonrpc":"2.0","id":"${'i'.repeat(1_000_000)}","method":"ping"}`,
    '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}',
  ),
);

/** A header value: one that means something, or any. Line ends would begin another header. */
const value = (...known: string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...known) },
    fc.string({ maxLength: 50 }),
    fc
      .string({ unit: 'binary', maxLength: 20 })
      .map(text => text.replace(/[\r\n]/g, '')),
  );

export const headers = fc.record(
  {
    accept: value('application/json, text/event-stream', '*/*', 'text/html'),
    'content-type': value('application/json', 'text/plain'),
    'mcp-protocol-version': value('2025-06-18', '2026-07-28', '2099-01-01'),
    'mcp-method': value('tools/call', 'ping', '=?base64?cGluZw==?='),
    'mcp-name': value('echo', '=?base64?!?='),
    'mcp-session-id': value('none', '__proto__', 'a'.repeat(300)),
    'last-event-id': value('1-1', '999999999999-0', '-1'),
    origin: value('http://localhost', 'null', 'https://evil.example'),
    host: value('localhost', '127.0.0.1', 'evil.example', '[::1]:1'),
    authorization: value('Bearer x', 'Basic x'),
    'x-request-id': value('1', 'x'.repeat(500)),
    traceparent: value(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`),
    'content-length': value('0', '-1', '1e3', '99999999999'),
    'transfer-encoding': value('chunked', 'gzip'),
    expect: value('100-continue'),
    upgrade: value('websocket', 'h2c'),
  },
  { requiredKeys: ['accept', 'content-type'] },
);

export const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'DELETE', 'OPTIONS', 'HEAD', 'PUT', 'PATCH', 'NONE'),
);

export const path = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('/mcp', '/messages', '/sse', '/mcp/stream'),
  },
  fc.webPath(),
  fc.constantFrom('/health', '/messages?sessionId=x', '//', '/%', '*', '/mcp?'),
);

/** What no server should write to stdout; nothing of it is an answer to a call. */
export const noise = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  damaged.map(text => Buffer.from(text)),
  message
    .filter(({ method: name, id }) => name === undefined && id !== undefined)
    .map(({ id, ...rest }) =>
      Buffer.from(
        JSON.stringify({ id: `noise ${JSON.stringify(id)}`, ...rest }),
      ),
    ),
  fc.constantFrom(
    Buffer.from('\r\n\r\n \n'),
    Buffer.from([0xe2, 0x82, 0x0a, 0xac]),
    Buffer.from('{"jsonrpc":"2.0","method":"notifications/progress"}\n'),
    Buffer.from('{"jsonrpc":"2.0","method":"notifications/cancelled"}\n'),
  ),
);

/** Frames of WebSocket as they are on the wire, most of them masked as they should be. */
export const socketFrames = fc.array(
  fc
    .record({
      first: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(0x81, 0x01, 0x80, 0x88, 0x89) },
        fc.integer({ min: 0, max: 255 }),
      ),
      masked: fc.oneof(
        { weight: 9, arbitrary: fc.constant(true) },
        fc.boolean(),
      ),
      payload: fc.oneof(
        body
          .filter(text => text.length < 60_000)
          .map(text => Buffer.from(text)),
        fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
      ),
      /** What it claims to be longer than it is. */
      more: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(1000)),
    })
    .map(({ first, masked, payload, more }) => {
      const length = payload.length + more;
      const bit = masked ? 0x80 : 0;
      const head =
        length < 126
          ? Buffer.from([first, bit | length])
          : Buffer.from([first, bit | 126, (length >> 8) & 255, length & 255]);
      // A mask of zeros leaves the payload as it is.
      return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), payload]);
    }),
  { minLength: 1, maxLength: 6 },
);
