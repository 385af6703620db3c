import { StringDecoder } from 'node:string_decoder';

/**
 * Splits a stream of UTF-8 text into lines, whatever the chunks' borders: characters and lines may be cut anywhere.
 * A last line without an end is dropped, as it may be half of one, unless `lastWithoutEnd` is set. Throws a `RangeError` when a line grows past
 * `maxLength` characters. `onChunk` is called whenever something comes in.
 */
export async function* readLines(
  stream: AsyncIterable<Buffer>,
  options: {
    maxLength?: number;
    onChunk?: () => void;
    lastWithoutEnd?: boolean;
  } = {},
): AsyncGenerator<string> {
  const maxLength = options.maxLength ?? 16 * 1024 * 1024;
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    options.onChunk?.();
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLength) {
      throw new RangeError(`A line is longer than ${maxLength} characters.`);
    }
    for (const line of lines) {
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
  }
  if (rest && options.lastWithoutEnd) {
    yield rest;
  }
}
