import { connect, type Socket } from 'node:net';
import type { Subject } from './bridge.ts';
import { exchange } from './clients/exchange.ts';
import { INITIALIZED, initializeText, requestText } from './clients/message.ts';

/** Log messages that a server sends to a reader that takes none: more than may wait for it. */
const FLOOD = { count: 2000, bytes: 50_000 };

/** A session whose reply is a flood, over a socket from which nothing is read. */
export async function openSlowReader({ port }: Subject): Promise<Socket> {
  const opened = await exchange(port, {
    body: initializeText('2025-06-18', {}),
  });
  const id = opened.headers['mcp-session-id'];
  if (typeof id !== 'string') throw new Error(String(opened.status));
  const headers = { 'mcp-session-id': id };
  await exchange(port, { headers, body: INITIALIZED });
  const body = requestText('1', 'tools/call', {
    name: 'flood',
    arguments: FLOOD,
  });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  socket.write(
    [
      'POST /mcp HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
      `Mcp-Session-Id: ${id}`,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
  return socket;
}
