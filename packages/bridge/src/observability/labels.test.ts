import { BoundedLabels, methodLabel, schemeOf } from './labels';

describe('labels', () => {
  it('counts methods outside the specification as other', () => {
    expect([methodLabel('tools/call'), methodLabel('x/y')]).toEqual([
      'tools/call',
      'other',
    ]);
  });

  it('lets only so many values through', () => {
    const labels = new BoundedLabels(2, 5);
    expect(
      ['a', 'b', 'c', 'a', 'toolong', 7].map(value => labels.of(value)),
    ).toEqual(['a', 'b', 'other', 'a', 'other', 'other']);
  });

  it('knows a resource by the scheme of its address', () => {
    expect([schemeOf('FILE:///x'), schemeOf('no scheme'), schemeOf(1)]).toEqual(
      ['file', 'other', 'other'],
    );
  });
});
