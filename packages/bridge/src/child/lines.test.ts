import fc from 'fast-check';
import { idOfOversized, LineSplitter, OversizedLine } from './lines';

function split(chunks: Buffer[], max: number) {
  const lines: string[] = [];
  const oversized: OversizedLine[] = [];
  const splitter = new LineSplitter(
    () => max,
    line => lines.push(line),
    line => oversized.push(line),
  );
  chunks.forEach(chunk => splitter.push(chunk));
  splitter.end();
  return { lines, oversized };
}

describe('LineSplitter', () => {
  it('finds the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme' }).map(s => s.replaceAll('\n', '')),
        ),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (texts, sizes) => {
          const bytes = Buffer.from(texts.map(line => `${line}\n`).join(''));
          const chunks: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length];
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(split(chunks, 1000).lines).toEqual(texts);
        },
      ),
    );
  });

  it('drops a line that is too long and goes on with the next', () => {
    const { lines, oversized } = split(
      [
        Buffer.from(`${'x'.repeat(500)}`),
        Buffer.from(`${'y'.repeat(500)}\nnext\n`),
      ],
      100,
    );
    expect(lines).toEqual(['next']);
    expect(oversized).toHaveLength(1);
    expect(oversized[0].tail.endsWith('y')).toBe(true);
  });

  it.each([
    ['{"jsonrpc":"2.0","id":12,"result":{', 'x"}}', 12],
    ['{"result":{"a":"', '"},"jsonrpc":"2.0","id":34}', 34],
    ['{"result":{"id":5,"a":"', '","id":6}}', undefined],
  ])('reads the id of %s … %s', (head, tail, expected) => {
    expect(idOfOversized({ head, tail })).toBe(expected);
  });
});
