import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** The SDK's own client, connected, which answers every sampling with `sampled`. */
export async function connectSdkClient(transport: Transport): Promise<Client> {
  const client = new Client(
    { name: 'sdk', version: '1' },
    { capabilities: { sampling: {} } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'none',
    role: 'assistant' as const,
    content: { type: 'text' as const, text: 'sampled' },
  }));
  await client.connect(transport);
  return client;
}
