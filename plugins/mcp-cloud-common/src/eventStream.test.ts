import fc from 'fast-check';
import { readEventStream } from './eventStream';

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      chunks.forEach(chunk => controller.enqueue(chunk));
      controller.close();
    },
  });
}
async function read(chunks: Uint8Array[]) {
  const events = [];
  for await (const event of readEventStream(streamOf(chunks))) {
    events.push(event);
  }
  return events;
}

describe('readEventStream', () => {
  it('reads the same events wherever the network cuts them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            event: fc.constantFrom('message', 'line'),
            data: fc.string().map(text => JSON.stringify(text)),
          }),
        ),
        fc.integer({ min: 1, max: 7 }),
        async (events, size) => {
          const text = events
            .map(
              ({ event, data }) =>
                `event: ${event}\ndata: ${data}\n\n: beat\n\n`,
            )
            .join('');
          const bytes = new TextEncoder().encode(text);
          const chunks = Array.from(
            { length: Math.ceil(bytes.length / size) },
            (_, i) => bytes.slice(i * size, (i + 1) * size),
          );
          expect(await read(chunks)).toEqual(events);
        },
      ),
    );
  });

  it('joins lines of one event and takes a carriage return for a part of the line end', async () => {
    const bytes = new TextEncoder().encode(
      'data: a\r\ndata:b\r\n\r\nid: 7\n\n',
    );
    expect(await read([bytes])).toEqual([{ event: 'message', data: 'a\nb' }]);
  });

  it('frees the body when the reader leaves', async () => {
    const cancel = jest.fn();
    const body = new ReadableStream<Uint8Array>({
      start: controller =>
        controller.enqueue(new TextEncoder().encode('data: a\n\n')),
      cancel,
    });
    for await (const event of readEventStream(body)) {
      expect(event.data).toBe('a');
      break;
    }
    expect(cancel).toHaveBeenCalled();
  });
});
