import { request } from 'node:http';

/** Asks a program on its Unix socket. @returns the body of its answer, nothing when that is no 200 */
export function askSocket(
  socketPath: string,
  path: string,
): Promise<string | undefined> {
  return new Promise(resolve => {
    const asked = request({ socketPath, path, timeout: 2000 }, answer => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', chunk => (text += chunk));
      answer.on('error', () => resolve(undefined));
      answer.on('end', () =>
        resolve(answer.statusCode === 200 ? text : undefined),
      );
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
