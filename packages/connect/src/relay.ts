import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import {
  isInitializeRequest,
  parseJSONRPCMessage,
  serializeMessage,
  type JSONRPCMessage,
} from '@modelcontextprotocol/client';
import type { HostedServer } from './HostedServer';

/**
 * Relays lines of a client to a hosted server until the client closes its end. Messages are sent in the order in
 * which they come; answers may overtake each other.
 */
export async function relay(
  input: Readable,
  output: Writable,
  log: (text: string) => void,
  connect: (onMessage: (message: JSONRPCMessage) => void) => HostedServer,
): Promise<void> {
  const server = connect(message => output.write(serializeMessage(message)));
  for await (const line of createInterface({ input })) {
    if (!line.trim()) continue;
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(line));
    } catch {
      log(
        'the client printed something that is no MCP message; it was dropped',
      );
      continue;
    }
    const sent = server.send(message);
    // What follows `initialize` needs its session, and notifications are over at once; calls run side by side.
    if (isInitializeRequest(message) || !('id' in message)) await sent;
  }
  await server.close();
}
