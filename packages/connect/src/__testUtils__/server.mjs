// A stdio server whose tools show what has to pass: an answer, progress, a question to the client, a process of its own.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const server = new McpServer({ name: 'hosted', version: '1.0.0' });
const text = value => ({ content: [{ type: 'text', text: String(value) }] });

server.registerTool('pid', {}, () => text(process.pid));
server.registerTool('count', {}, async ({ _meta, sendNotification }) => {
  for (const progress of [1, 2, 3]) {
    await sendNotification({
      method: 'notifications/progress',
      params: { progressToken: _meta.progressToken, progress, total: 3 },
    });
    // The SDK's client drops progress that comes in one piece with the answer.
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  return text('counted');
});
server.registerTool('ask', {}, async () => {
  const { action, content } = await server.server.elicitInput({
    message: 'Your name?',
    requestedSchema: {
      type: 'object',
      properties: { name: { type: 'string' } },
    },
  });
  return text(`${action} ${content?.name}`);
});
server.registerTool('wait', {}, () => new Promise(() => {}));

await server.connect(new StdioServerTransport());
