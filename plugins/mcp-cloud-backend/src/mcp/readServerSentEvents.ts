import type { Readable } from 'node:stream';
import { readLines } from '../clusters/readLines';

/** Reads server-sent events one at a time; comments are passed over. A last event without its empty line is dropped. */
export async function* readServerSentEvents(
  stream: Readable,
  maxLength: number,
): AsyncGenerator<{ event: string; data: string }> {
  let event = 'message';
  let data: string[] = [];
  for await (const line of readLines(stream, { maxLength })) {
    if (line === '') {
      if (data.length) {
        yield { event, data: data.join('\n') };
      }
      event = 'message';
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line[5] === ' ' ? 6 : 5));
    } else if (line.startsWith('event:')) {
      event = line.slice(6).trim();
    }
  }
}
