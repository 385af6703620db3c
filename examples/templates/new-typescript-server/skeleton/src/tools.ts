import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

/** Words and characters of a text. */
export function count(text: string): { words: number; characters: number } {
  const words = text.trim().split(/\s+/).filter(Boolean).length;
  return { words, characters: [...text].length };
}

export function addTools(server: McpServer): void {
  server.registerTool(
    '${{ values.tool }}',
    {
      description: 'Counts the words and characters of a text. Replace it by what your server is for.',
      inputSchema: { text: z.string().max(100_000).describe('The text') },
      outputSchema: { words: z.number(), characters: z.number() },
      annotations: { readOnlyHint: true },
    },
    async ({ text }) => {
      const result = count(text);
      return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result };
    },
  );
}
