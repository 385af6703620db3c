import { isLoopback } from './loopback';

/** What a bridge is to stand before. */
export interface ServerSettings {
  readonly command: readonly string[];
  readonly upstream?: string;
  readonly upstreamHosts: readonly string[];
  readonly agent?: string;
}

/** Says what is wrong with where the server is to be found, by the setting that is. */
export function checkServer(
  { command, upstream, upstreamHosts, agent }: ServerSettings,
  problem: (path: string[], message: string) => void,
): void {
  if (upstream === undefined) {
    if (command.length === 0)
      problem(
        ['command'],
        'no server; say what to run after "--", for example: mcp-bridge -- node server.js, or where a server speaks HTTP: mcp-bridge --upstream http://127.0.0.1:3000/mcp',
      );
    return;
  }
  const url = URL.canParse(upstream) ? new URL(upstream) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    problem(
      ['upstream'],
      'must be an http or https URL, for example http://127.0.0.1:3000/mcp',
    );
    return;
  }
  if (url.username !== '' || url.password !== '')
    problem(
      ['upstream'],
      'must hold no user name or password; URLs are logged',
    );
  const isHere = isLoopback(url.hostname);
  if (!isHere && !upstreamHosts.includes(url.hostname))
    problem(
      ['upstream'],
      `${url.hostname} is not on this machine, where others reach the server past the bridge; add it to upstreamHosts if they cannot`,
    );
  if (!isHere && command.length > 0)
    problem(
      ['command'],
      `cannot serve ${url.hostname}, which is not on this machine; leave the command or the upstream out`,
    );
  if (agent !== undefined && command.length === 0)
    problem(
      ['agent'],
      'has nothing to run; name the command that serves the upstream, or leave the agent out',
    );
}
