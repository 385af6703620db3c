export type ClientName = 'claude' | 'cursor' | 'vscode' | 'curl';
export const CLIENTS: ClientName[] = ['claude', 'cursor', 'vscode', 'curl'];

export interface Snippet {
  /** Where the text belongs; missing for a command line. */
  file?: string;
  text: string;
}

/** Stands where a token belongs until there is one. */
export const TOKEN_PLACEHOLDER = 'YOUR_TOKEN';

/** What a person puts into their client to use a server. */
export function snippetFor(
  client: ClientName,
  { name, url, token }: { name: string; url: string; token?: string },
): Snippet {
  const authorization = `Bearer ${token ?? TOKEN_PLACEHOLDER}`;
  const headers = { Authorization: authorization };
  switch (client) {
    case 'claude':
      return {
        text: `claude mcp add --transport http ${name} ${url} \\\n  --header "Authorization: ${authorization}"`,
      };
    case 'cursor':
      return {
        file: '.cursor/mcp.json',
        text: json({ mcpServers: { [name]: { url, headers } } }),
      };
    case 'vscode':
      return {
        file: '.vscode/mcp.json',
        text: json({ servers: { [name]: { type: 'http', url, headers } } }),
      };
    default:
      return {
        text: [
          `curl -i ${url} \\`,
          `  -H "Authorization: ${authorization}" \\`,
          '  -H "Content-Type: application/json" \\',
          '  -H "Accept: application/json, text/event-stream" \\',
          `  -d '${JSON.stringify({
            jsonrpc: '2.0',
            id: 1,
            method: 'initialize',
            params: {
              protocolVersion: '2025-11-25',
              capabilities: {},
              clientInfo: { name: 'curl', version: '1' },
            },
          })}'`,
        ].join('\n'),
      };
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
