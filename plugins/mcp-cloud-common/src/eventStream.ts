/**
 * Reads a body of server-sent events, joined `data` lines of one event at a time. Comments (heartbeats) are passed
 * over. Ends when the body ends.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ event: string; data: string }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffer = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      buffer += decoder.decode(value, { stream: true });
      const blocks = buffer.split(/\r?\n\r?\n/);
      buffer = blocks.pop() ?? '';
      for (const block of blocks) {
        let event = 'message';
        const data: string[] = [];
        for (const line of block.split(/\r?\n/)) {
          if (line.startsWith('data:')) {
            data.push(line.slice(line[5] === ' ' ? 6 : 5));
          } else if (line.startsWith('event:')) {
            event = line.slice(6).trim();
          }
        }
        if (data.length) {
          yield { event, data: data.join('\n') };
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
