import fc from 'fast-check';
import { FrameError } from './errors';
import {
  idKey,
  parseBody,
  parseFrame,
  readdressReference,
  readdressRequest,
  readdressResponse,
} from './frame';

const id = fc.oneof(
  fc.string({ maxLength: 50 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const params = fc
  .dictionary(fc.string(), fc.jsonValue(), { maxKeys: 8 })
  .map(value => {
    const { _meta, ...rest } = value;
    return rest;
  });

describe('frames', () => {
  it('changes id and progress token of a request and nothing else', () => {
    fc.assert(
      fc.property(
        id,
        id,
        params,
        fc.boolean(),
        (requestId, token, rest, pretty) => {
          const message = {
            jsonrpc: '2.0',
            params: { ...rest, _meta: { progressToken: token } },
            id: requestId,
            method: 'm',
          };
          const frame = parseFrame(
            JSON.stringify(message, null, pretty ? 2 : 0),
          );
          if (frame.kind !== 'request') throw new Error(frame.kind);
          const changed = JSON.parse(readdressRequest(frame, '42', '43'));
          expect(changed).toEqual(
            JSON.parse(
              JSON.stringify({
                ...message,
                id: 42,
                params: { ...rest, _meta: { progressToken: 43 } },
              }),
            ),
          );
          expect(frame.raw).not.toMatch(/[\r\n]/);
        },
      ),
    );
  });

  it('gives a response the id back exactly as it was written', () => {
    fc.assert(
      fc.property(id, fc.jsonValue(), (requestId, result) => {
        const idText = JSON.stringify(requestId);
        const frame = parseFrame(
          JSON.stringify({ result, jsonrpc: '2.0', id: 7 }),
        );
        if (frame.kind !== 'response') throw new Error(frame.kind);
        const text = readdressResponse(frame, idText);
        expect(text).toContain(`"id":${idText}`);
        expect(JSON.parse(text).result).toEqual(
          JSON.parse(JSON.stringify(result)),
        );
      }),
    );
  });

  it('never throws anything but a FrameError, whatever text comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        const attempt = () => {
          try {
            parseBody(text);
            return undefined;
          } catch (error) {
            return error;
          }
        };
        const thrown = attempt();
        expect(thrown === undefined || thrown instanceof FrameError).toBe(true);
      }),
    );
  });

  it('keeps numbers that JavaScript cannot hold', () => {
    const frame = parseFrame(
      '{"jsonrpc":"2.0","id":12345678901234567890,"method":"m","params":{"n":1.0,"big":98765432109876543210}}',
    );
    if (frame.kind !== 'request') throw new Error(frame.kind);
    expect(frame.idText).toBe('12345678901234567890');
    expect(readdressRequest(frame, '1', '1')).toBe(
      '{"jsonrpc":"2.0","id":1,"method":"m","params":{"n":1.0,"big":98765432109876543210}}',
    );
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'treats %s as a word like any other',
    name => {
      const frame = parseFrame(
        JSON.stringify({ jsonrpc: '2.0', id: name, method: 'm' }).replace(
          '}',
          `,"${name}":{"id":9}}`,
        ),
      );
      expect(frame).toMatchObject({
        kind: 'request',
        idText: JSON.stringify(name),
      });
      expect(({} as Record<string, unknown>).id).toBeUndefined();
    },
  );

  it.each([
    ['{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}', 'twice'],
    ['{"jsonrpc":"2.0","id":1,"\\u0069d":2,"method":"m"}', 'twice'],
    [
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"requestId":2}}',
      'twice',
    ],
    [`{"jsonrpc":"2.0","id":"${'x'.repeat(2000)}","method":"m"}`, 'longer'],
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', 'string or a number'],
    ['{"jsonrpc":"2.0","id":1,"result":1,"error":{}}', 'neither'],
    ['{"jsonrpc":"1.0","id":1,"method":"m"}', '2.0'],
    ['{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}', 'object'],
    ['[]', 'object'],
    ['nonsense', 'JSON'],
  ])('refuses %.60s', (text, word) => {
    expect(() => parseFrame(text)).toThrow(word);
  });

  it('tells 1 from "1" and finds an id that is written with escapes', () => {
    expect(idKey('1')).not.toBe(idKey('"1"'));
    expect(idKey('"a"')).toBe(idKey('"\\u0061"'));
    expect(idKey('1')).toBe(idKey('1.0'));
  });

  it('rewrites what a cancellation refers to', () => {
    const frame = parseFrame(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"reason":"\\"requestId\\":5","requestId":"a"}}',
    );
    if (frame.kind !== 'notification') throw new Error(frame.kind);
    expect(JSON.parse(readdressReference(frame, '12')).params).toEqual({
      reason: '"requestId":5',
      requestId: 12,
    });
  });

  it('cuts a batch into its messages', () => {
    const texts = [
      '{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":"],["}}',
      '{"jsonrpc":"2.0","method":"b"}',
    ];
    const { batch, frames } = parseBody(` [${texts.join(' ,\n')}] `);
    expect(batch).toBe(true);
    expect(frames.map(frame => frame.raw)).toEqual(texts);
  });
});
