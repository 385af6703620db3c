import fc from 'fast-check';
import { encodeFrame, FrameReader } from './frames';

describe('frames of an agent', () => {
  it('come out as they went in, however they are cut', () => {
    const frame = fc.record({
      kind: fc.integer({ min: 0, max: 9 }),
      stream: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      payload: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(
        fc.array(frame),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (frames, sizes) => {
          const bytes = Buffer.concat(
            frames.map(({ kind, stream, payload }) =>
              encodeFrame(kind, stream, payload),
            ),
          );
          const seen: unknown[] = [];
          const reader = new FrameReader((kind, stream, payload) =>
            seen.push({ kind, stream, payload: new Uint8Array(payload) }),
          );
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length];
            reader.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(seen).toEqual(
            frames.map(one => ({
              ...one,
              payload: new Uint8Array(one.payload),
            })),
          );
        },
      ),
    );
  });

  it('are refused when they are longer than an agent sends, before they have come', () => {
    const reader = new FrameReader(() => {});
    expect(() => reader.push(Buffer.alloc(9, 0xff))).toThrow('4294967295');
  });
});
