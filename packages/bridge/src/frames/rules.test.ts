import fc from 'fast-check';
import { refuseAmbiguous } from './ambiguity';
import { filterTools } from './toolList';

describe('a list of tools with some left out', () => {
  const visible = (name: string) => !name.startsWith('x');

  it.each([
    [
      '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","n":1.0},{"name":"x"},{"name":"b"}],"nextCursor":"c"}}',
      '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","n":1.0},{"name":"b"}],"nextCursor":"c"}}',
    ],
    ['{"id":1,"result":{"tools":[]}}', '{"id":1,"result":{"tools":[]}}'],
    [
      '{"id":1,"result":{"tools":[ {"name":"x"} ]}}',
      '{"id":1,"result":{"tools":[]}}',
    ],
    [
      '{"id":1,"result":{"tools":[7,{"n":1},{"name":9}]}}',
      '{"id":1,"result":{"tools":[]}}',
    ],
    ['{"id":1,"result":{"tools":7}}', '{"id":1,"result":{"tools":7}}'],
    ['{"id":1,"error":{"code":1}}', '{"id":1,"error":{"code":1}}'],
  ])('%s', (raw, expected) => expect(filterTools(raw, visible)).toBe(expected));

  it('has all that may be seen as they were, whatever stands in them', () => {
    const tool = fc.record({ name: fc.string(), other: fc.jsonValue() });
    fc.assert(
      fc.property(fc.array(tool), fc.jsonValue(), (tools, meta) => {
        const raw = JSON.stringify({ id: 1, result: { meta, tools } });
        const kept = tools.filter(({ name }) => visible(name));
        expect(filterTools(raw, visible)).toBe(
          JSON.stringify({ id: 1, result: { meta, tools: kept } }),
        );
      }),
    );
  });
});

describe('messages that can be read in two ways', () => {
  it('are not those that clients write', () => {
    const params = fc.record({
      name: fc.string(),
      arguments: fc.dictionary(fc.string(), fc.jsonValue()),
    });
    fc.assert(
      fc.property(params, value => {
        const message = { jsonrpc: '2.0', id: 1, method: 'tools/call' };
        refuseAmbiguous(JSON.stringify({ ...message, params: value }));
      }),
    );
    refuseAmbiguous(
      '{"jsonrpc":"2.0","id":1,"result":{"Name":"a","name":"b"}}',
    );
    refuseAmbiguous('{"jsonrpc":"2.0","method":"a","params":[{"name":1}]}');
  });
});
