import { WebSocket } from 'ws';
import type { Wire, WireOptions } from './fronts.ts';
import { INITIALIZED, type Message } from './message.ts';
import { untilInitialized } from './opening.ts';

export async function connectWebSocket({
  subject: { port },
  headers = {},
  initialize,
  onMessage,
  onLost,
}: WireOptions): Promise<Wire> {
  const opening = untilInitialized(onMessage);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mcp/stream`, ['mcp'], {
    headers,
  });
  socket.on('message', data =>
    opening.onMessage(JSON.parse(String(data)) as Message),
  );
  socket.on('error', opening.fail);
  socket.on('close', (code, reason) => {
    opening.fail(new Error(`${code} ${reason}`));
    onLost(`${code} ${reason}`);
  });
  socket.on('open', () => socket.send(initialize));
  await opening.done;
  socket.send(INITIALIZED);
  return {
    send: text => socket.send(text, () => {}),
    async close() {
      socket.close();
    },
    abandon: () => socket.terminate(),
  };
}
