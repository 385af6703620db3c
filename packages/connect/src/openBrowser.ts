import { spawn } from 'node:child_process';

const programs: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens a page in the person's browser. Where there is none, the address in the log has to do. */
export function openBrowser(url: URL): void {
  const [command, ...args] = programs[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, url.href], {
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => {});
  child.unref();
}
