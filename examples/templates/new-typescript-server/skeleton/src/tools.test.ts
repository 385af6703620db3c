import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { addTools, count } from './tools.ts';

test('counts words and characters', () => {
  assert.deepEqual(count(' two  words '), { words: 2, characters: 12 });
  assert.deepEqual(count(''), { words: 0, characters: 0 });
});

test('a client can call the tool', async () => {
  const server = new McpServer({ name: 'test', version: '0' });
  addTools(server);
  const client = new Client({ name: 'test', version: '0' });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  const { structuredContent } = await client.callTool({ name: '${{ values.tool }}', arguments: { text: 'a b c' } });
  assert.deepEqual(structuredContent, { words: 3, characters: 5 });
  await client.close();
});
