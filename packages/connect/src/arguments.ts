import { parseArgs } from 'node:util';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the command line and the environment say. */
export interface Settings {
  url: URL;
  /** Sent with every request. */
  headers: Record<string, string>;
  /** Folder for what a sign-in gives, readable by this user alone. */
  stateDir: string;
  /** Where the browser comes back to after a sign-in, on 127.0.0.1. */
  callbackPort: number;
}

/** The command line cannot be understood; the message says what to do. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const usage = `mcp-connect gives an MCP client that only speaks stdio a server that is hosted elsewhere.

Usage: mcp-connect URL [options]

  --header 'Name: value'   sent with every request; may be given more than once. In the value, \${NAME} stands for
                           the environment's variable, so that no secret has to stand in a command line
  --callback-port PORT     where the browser comes back to after a sign-in (default 33418)
  --help, --version

Environment:
  MCP_CONNECT_TOKEN        a token or key, sent as "Authorization: Bearer ..."

A server that asks for a sign-in (OAuth) gets one: a browser opens, and the tokens are kept for this user alone in
~/.config/mcp-connect.

In a client's configuration:
  {"mcpServers": {"weather": {"command": "mcp-connect", "args": ["https://.../servers/weather/mcp"],
                              "env": {"MCP_CONNECT_TOKEN": "..."}}}}
`;

/** @throws UsageError */
export function parseArguments(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Settings | 'help' | 'version' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  if (positionals.length !== 1)
    throw new UsageError(
      'one URL is needed, for example: mcp-connect https://portal.example.com/api/mcp-cloud/servers/weather/mcp',
    );
  const headers: Record<string, string> = {};
  for (const text of values.header ?? []) {
    const { name, value } = parseHeader(text, env);
    headers[name] = value;
  }
  if (env.MCP_CONNECT_TOKEN && !headers.authorization)
    headers.authorization = `Bearer ${env.MCP_CONNECT_TOKEN}`;
  const config = env.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  return {
    url: parseUrl(positionals[0]),
    headers,
    stateDir: join(config, 'mcp-connect'),
    callbackPort: parsePort(values['callback-port'] ?? '33418'),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        header: { type: 'string', multiple: true },
        'callback-port': { type: 'string' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`"${text}" is no http or https address`);
  if (url.username || url.password)
    throw new UsageError(
      'no user or password may stand in the address; use --header or MCP_CONNECT_TOKEN',
    );
  return url;
}

function parseHeader(text: string, env: NodeJS.ProcessEnv) {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/s.exec(text);
  // The text may hold a secret, so the message does not repeat it.
  if (!match) throw new UsageError("a --header has the form 'Name: value'");
  const [, name, template] = match;
  const value = template.replace(/\$\{(\w+)\}/g, (_, variable: string) => {
    const found = env[variable];
    if (found === undefined)
      throw new UsageError(
        `the header ${name} needs the variable ${variable}, which is not set`,
      );
    return found;
  });
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
    throw new UsageError(
      `the header ${name} holds a character that no header may hold`,
    );
  return { name: name.toLowerCase(), value };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new UsageError(`"${text}" is no port`);
  return port;
}
