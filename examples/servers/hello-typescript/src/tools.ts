import { setTimeout as sleep } from 'node:timers/promises';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

const STEP_MS = 200;

function text(value: string, isError = false) {
  return { content: [{ type: 'text' as const, text: value }], isError };
}

/** Four tools that between them show arguments, secrets, progress and logs. */
export function addTools(server: McpServer): void {
  server.registerTool(
    'greet',
    {
      title: 'Greet somebody',
      description:
        'Greets a person with the word from the GREETING environment variable',
      inputSchema: { name: z.string().min(1).describe('Who is greeted') },
      annotations: { readOnlyHint: true },
    },
    async ({ name }) => {
      const greeting = process.env.GREETING;
      if (!greeting)
        return text(
          'GREETING is not set; add it to the server as an environment variable or a secret.',
          true,
        );
      return text(`${greeting}, ${name}!`);
    },
  );

  server.registerTool(
    'count',
    {
      title: 'Count slowly',
      description: `Counts to a number, one step every ${STEP_MS} ms, with progress`,
      inputSchema: {
        to: z.number().int().min(1).max(300).describe('How far to count'),
      },
      annotations: { readOnlyHint: true },
    },
    async ({ to }, { _meta, sendNotification, signal }) => {
      for (let progress = 1; progress <= to; progress++) {
        await sleep(STEP_MS, undefined, { signal });
        if (_meta?.progressToken === undefined) continue;
        await sendNotification({
          method: 'notifications/progress',
          params: {
            progressToken: _meta.progressToken,
            progress,
            total: to,
            message: `${progress} of ${to}`,
          },
        });
      }
      return text(`Counted to ${to}`);
    },
  );

  server.registerTool(
    'write_logs',
    {
      title: 'Write log lines',
      description:
        'Writes lines to stderr, where the portal shows them as logs',
      inputSchema: {
        message: z.string().max(500).describe('What each line says'),
        lines: z
          .number()
          .int()
          .min(1)
          .max(100)
          .default(1)
          .describe('How many lines'),
      },
    },
    async ({ message, lines }) => {
      for (let line = 1; line <= lines; line++)
        console.error(`[${line}/${lines}] ${message}`);
      return text(`Wrote ${lines} lines`);
    },
  );

  server.registerTool(
    'count_words',
    {
      title: 'Count words',
      description: 'Counts the characters, words and lines of a text',
      inputSchema: { text: z.string().describe('The text') },
      outputSchema: {
        characters: z.number(),
        words: z.number(),
        lines: z.number(),
      },
      annotations: { readOnlyHint: true },
    },
    async ({ text: input }) => {
      const words = input.trim() === '' ? [] : input.trim().split(/\s+/);
      const counts = {
        characters: [...input].length,
        words: words.length,
        lines: input.split('\n').length,
      };
      return { ...text(JSON.stringify(counts)), structuredContent: counts };
    },
  );
}
