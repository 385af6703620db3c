import fc from 'fast-check';
import { EventReader } from './events';

function read(chunks: readonly Buffer[], maxLength = 1000): unknown[] {
  const reader = new EventReader(() => maxLength);
  return chunks.flatMap(chunk => reader.push(chunk).map(({ data }) => data));
}

describe('a stream of events', () => {
  it('is read the same wherever its chunks end, and whatever its lines end with', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const plain = text.filter(data => !/[\r\n]/.test(data));
    fc.assert(
      fc.property(
        fc.array(plain, { minLength: 1 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 7 }),
        (texts, end, step) => {
          const stream = texts
            .map(data => `event: message${end}data: ${data}${end}${end}`)
            .join('');
          const bytes = Buffer.from(stream);
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += step)
            chunks.push(bytes.subarray(at, at + step));
          expect(read(chunks)).toEqual(texts);
        },
      ),
    );
  });

  it('has data of several lines, ids and the time to wait; what is empty is no event', () => {
    const reader = new EventReader(() => 1000);
    const text =
      ': hello\n\nid: 7\ndata:\n\nretry: 50\ndata: {\ndata:  "a":1}\nother: x\n\n';
    expect(reader.push(Buffer.from(text))).toEqual([{ data: '{\n "a":1}' }]);
    expect([reader.lastId, reader.retryMs]).toEqual(['7', 50]);
  });

  it('drops what is too long, says so, and goes on', () => {
    const long = Buffer.from(`data: ${'x'.repeat(5000)}\ndata: y\n\n`);
    expect(read([long, Buffer.from('data: z\n\n')], 100)).toEqual([
      undefined,
      'z',
    ]);
  });

  it('forgets half an event when the reply ends', () => {
    const reader = new EventReader(() => 1000);
    reader.push(Buffer.from('data: half'));
    reader.end();
    expect(reader.push(Buffer.from('data: whole\n\n'))).toEqual([
      { data: 'whole' },
    ]);
  });
});
