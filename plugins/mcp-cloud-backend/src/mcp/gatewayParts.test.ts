import { Readable } from 'node:stream';
import { wordsOf } from './McpSession';
import { headersForBridge, headersForClient } from './proxyHeaders';
import { readServerSentEvents } from './readServerSentEvents';

describe('headers of the proxy', () => {
  it('take nothing of the portal to the bridge', () => {
    expect(
      headersForBridge({
        authorization: 'Bearer portal',
        cookie: 'session=1',
        origin: 'https://portal',
        host: 'portal',
        connection: 'keep-alive',
        'accept-encoding': 'br',
        'x-forwarded-for': '1.2.3.4',
        'mcp-cloud-authorization': 'Bearer forged',
        'mcp-session-id': 'abc',
        'mcp-protocol-version': '2025-11-25',
        'mcp-method': 'tools/call',
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'last-event-id': '7',
      }),
    ).toEqual({
      'mcp-session-id': 'abc',
      'mcp-protocol-version': '2025-11-25',
      'mcp-method': 'tools/call',
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'last-event-id': '7',
    });
  });

  it('let nothing hold events back, and nothing of the bridge stand for the portal', () => {
    const headers = headersForClient({
      'content-type': 'text/event-stream',
      'cache-control': 'max-age=60',
      'transfer-encoding': 'chunked',
      'set-cookie': ['a=b'],
      'access-control-allow-origin': '*',
      'mcp-session-id': 'abc',
      'www-authenticate': 'Bearer',
    });
    expect(headers).toEqual({
      'content-type': 'text/event-stream',
      'www-authenticate': 'Bearer',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'access-control-expose-headers': 'Mcp-Session-Id',
      'mcp-session-id': 'abc',
    });
  });
});

describe('readServerSentEvents', () => {
  it('reads events whatever the pieces they come in', async () => {
    const text =
      ': hi\r\n\r\nid: 1\nevent: message\ndata: {"a":\ndata: "ü"}\n\ndata:x\n\ndata: half';
    const bytes = [...Buffer.from(text)].map(byte => Buffer.of(byte));
    const events = [];
    for await (const event of readServerSentEvents(
      Readable.from(bytes),
      1000,
    )) {
      events.push(event);
    }
    expect(events).toEqual([
      { event: 'message', data: '{"a":\n"ü"}' },
      { event: 'message', data: 'x' },
    ]);
  });
});

describe('wordsOf', () => {
  it.each([
    [
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Too many sessions"},"id":null}',
      'Too many sessions (status 503)',
    ],
    ['{"error":"nope"}', 'nope (status 503)'],
    ['{"message":"why"}', 'why (status 503)'],
    ['<html>', 'The bridge answered with status 503.'],
    ['', 'The bridge answered with status 503.'],
    ['null', 'The bridge answered with status 503.'],
  ])('%s', (body, expected) => expect(wordsOf(503, body)).toBe(expected));
});
