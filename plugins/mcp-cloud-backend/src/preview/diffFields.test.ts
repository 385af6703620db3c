import fc from 'fast-check';
import type { JsonValue } from '@backstage/types';
import { diffFields } from './diffFields';

describe('diffFields', () => {
  it.each<[string, JsonValue, JsonValue, ReturnType<typeof diffFields>]>([
    [
      'a value',
      { a: { b: 1 } },
      { a: { b: 2 } },
      [{ path: 'a.b', before: 1, after: 2 }],
    ],
    [
      'a field that is new, and one that goes',
      { a: 1 },
      { b: null },
      [
        { path: 'a', before: 1 },
        { path: 'b', after: null },
      ],
    ],
    [
      'an element of a list with names, wherever it stands',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      {
        env: [
          { name: 'B', value: '3' },
          { name: 'C', value: '4' },
        ],
      },
      [
        { path: 'env[A]', before: { name: 'A', value: '1' } },
        { path: 'env[B].value', before: '2', after: '3' },
        { path: 'env[C]', after: { name: 'C', value: '4' } },
      ],
    ],
    [
      'another list as a whole',
      { args: ['a', 'b'] },
      { args: ['b'] },
      [{ path: 'args', before: ['a', 'b'], after: ['b'] }],
    ],
    [
      'a key that is no plain word',
      { 'a.b/c': 1 },
      {},
      [{ path: '[a.b/c]', before: 1 }],
    ],
    [
      'a list that becomes something else',
      { a: [] },
      { a: {} },
      [{ path: 'a', before: [], after: {} }],
    ],
  ])('tells %s', (_, before, after, expected) => {
    expect(diffFields(before, after)).toEqual(expected);
  });

  it('tells nothing of equal documents, and of others the same both ways', () => {
    const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(diffFields(a, structuredClone(a))).toEqual([]);
        const back = diffFields(b, a).map(({ path }) => path);
        expect(diffFields(a, b).map(({ path }) => path)).toEqual(back);
      }),
    );
  });
});
