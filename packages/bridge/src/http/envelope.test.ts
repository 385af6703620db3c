import { classifyInboundRequest } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { Refusal } from '../frames/errors';
import { parseBody } from '../frames/frame';
import { modernFrame } from './envelope';

const PREFIX = 'io.modelcontextprotocol/';
const version = fc.constantFrom('2025-11-25', '2026-07-28', '2031-01-01');
const meta = fc.record(
  {
    [`${PREFIX}protocolVersion`]: fc.oneof(version, fc.constant(7)),
    [`${PREFIX}clientCapabilities`]: fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      fc.constant('all'),
    ),
    [`${PREFIX}clientInfo`]: fc.oneof(
      fc.constant({ name: 'n', version: '1' }),
      fc.constant({ name: 'n' }),
    ),
    [`${PREFIX}logLevel`]: fc.constantFrom('info', 'loud'),
    progressToken: fc.constant(1),
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    jsonrpc: fc.constant('2.0'),
    id: fc.constant(1),
    method: fc.constantFrom('initialize', 'tools/list', 'notifications/x'),
    params: fc.record({ _meta: meta }, { requiredKeys: [] }),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);
const response = fc.constant({ jsonrpc: '2.0', id: 1, result: {} });
const body = fc.oneof(
  { weight: 8, arbitrary: message },
  fc.array(message, { minLength: 1, maxLength: 2 }),
  response,
);

/** What becomes of a POST: where it goes, or the code that it is refused with. */
function ours(headers: Record<string, string>, text: string) {
  try {
    return modernFrame(headers, parseBody(text)) ? 'modern' : 'legacy';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.options.code;
  }
}

function theirs(headers: Record<string, string>, text: string) {
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    protocolVersionHeader: headers['mcp-protocol-version'],
    mcpMethodHeader: headers['mcp-method'],
    body: JSON.parse(text),
  });
  if (outcome.kind === 'reject') return outcome.code;
  if (outcome.kind === 'legacy') return 'legacy';
  // It leaves to others whether the revision is one that is spoken, and what headers have to be there.
  if (outcome.classification.revision !== '2026-07-28') return -32022;
  const isComplete =
    outcome.messageKind === 'notification' ||
    (headers['mcp-protocol-version'] !== undefined &&
      headers['mcp-method'] !== undefined);
  return isComplete ? 'modern' : -32020;
}

describe('telling revisions apart', () => {
  it("agrees with the SDK's own classification", () => {
    fc.assert(
      fc.property(
        body,
        fc.record(
          {
            'mcp-protocol-version': version,
            'mcp-method': fc.constantFrom('tools/list', 'notifications/x'),
          },
          { requiredKeys: [] },
        ),
        (content, headers) => {
          const text = JSON.stringify(content);
          // It lets such through to a server that refuses them; here they end at once.
          const isStray =
            'result' in content && headers['mcp-protocol-version']! > '2026';
          fc.pre(!isStray);
          expect(ours(headers, text)).toBe(theirs(headers, text));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
