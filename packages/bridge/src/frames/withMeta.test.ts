import fc from 'fast-check';
import { parseFrame, RequestFrame } from './frame';
import { withMeta } from './withMeta';

const request = (params: string) =>
  parseFrame(
    `{"jsonrpc":"2.0","id":1,"method":"tools/call"${params}}`,
  ) as RequestFrame;

describe('texts in _meta', () => {
  it.each([
    ['', '{"_meta":{"a":"x"}}'],
    [',"params":{ }', '{"_meta":{"a":"x"} }'],
    [',"params":{"n":1.0}', '{"_meta":{"a":"x"},"n":1.0}'],
    [',"params":{"_meta":{}}', '{"_meta":{"a":"x"}}'],
    [',"params":{"_meta":{"b":1}}', '{"_meta":{"a":"x","b":1}}'],
    [',"params":{"_meta":{"b":1,"a":"old"}}', '{"_meta":{"b":1,"a":"x"}}'],
    [',"params":{"_meta":7}', '{"_meta":7}'],
  ])('are put into %s', (params, expected) => {
    const { raw } = withMeta(request(params), { a: 'x' });
    expect(JSON.parse(raw).params).toEqual(JSON.parse(expected));
    expect(raw).toContain(expected);
  });

  it('change nothing else, whatever the parameters', () => {
    fc.assert(
      fc.property(
        fc
          .dictionary(fc.string(), fc.jsonValue())
          // As JSON has it: without -0.
          .map(tree => JSON.parse(JSON.stringify(tree))),
        fc.string(),
        (params, value) => {
          const before = request(`,"params":${JSON.stringify(params)}`);
          const isTree = (item: unknown) =>
            typeof item === 'object' && item !== null && !Array.isArray(item);
          const hasMeta = Object.hasOwn(params, '_meta');
          const after = withMeta(before, { trace: value });
          const meta = hasMeta ? params._meta : {};
          expect(JSON.parse(after.raw).params).toEqual(
            isTree(meta)
              ? { ...params, _meta: { ...(meta as object), trace: value } }
              : JSON.parse(before.raw).params,
          );
        },
      ),
    );
  });
});
