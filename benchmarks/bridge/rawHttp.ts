import { connect, type Socket } from 'node:net';
import type { SessionHeaders } from './session.ts';

/** One POST as it goes over the wire, again and again. */
function requestText(url: URL, headers: SessionHeaders, body: string): string {
  const all = {
    host: url.host,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST ${url.pathname} HTTP/1.1\r\n${lines.join(
    '\r\n',
  )}\r\n\r\n${body}`;
}

/** The length of the whole answer that a text begins with, as far as it can be seen. */
function answerLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(text);
  return end === -1 || !length ? Infinity : end + 4 + Number(length[1]);
}

/** Calls one after the other on a connection of its own until `until()`; `answered` hears of each answer. */
function callOver(
  url: URL,
  request: string,
  isOver: () => boolean,
  answered: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(Number(url.port), url.hostname);
    let text = '';
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(request));
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.on('data', chunk => {
      text += chunk;
      if (text.length < answerLength(text)) return;
      answered(text);
      text = '';
      if (isOver()) socket.end();
      else socket.write(request);
    });
  });
}

/**
 * The same call over and over on so many connections. Costs far less than
 * `node:http`, so that what is measured is the server.
 * @returns answers per second. @throws Error when one is not what was asked for
 */
export async function callsPerSecond(
  endpoint: string,
  headers: SessionHeaders,
  body: string,
  expected: string,
  connections: number,
  seconds: number,
): Promise<number> {
  const url = new URL(endpoint);
  const request = requestText(url, headers, body);
  let count = 0;
  let wrong: string | undefined;
  const begin = performance.now();
  const isOver = () => performance.now() - begin > seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, () =>
      callOver(url, request, isOver, text => {
        if (text.includes(expected)) count++;
        else wrong ??= text;
      }),
    ),
  );
  if (wrong !== undefined) throw new Error(`a wrong answer: ${wrong}`);
  return count / ((performance.now() - begin) / 1000);
}
