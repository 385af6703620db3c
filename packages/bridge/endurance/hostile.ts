// Peers that are slow, silent or say too much: what they get, and that they take no memory for it.
import { connect, type Socket } from 'node:net';
import { startSubject, workServer, type Subject } from './bridge.ts';
import { exchange } from './clients/exchange.ts';
import { FRONTS } from './clients/fronts.ts';
import {
  INITIALIZED,
  initializeText,
  requestText,
  type Message,
} from './clients/message.ts';
import { openFiles, residentMemory } from './procfs.ts';
import { check, megabytes } from './report.ts';
import { openSlowReader } from './slowReader.ts';
import { sleep, within } from './wait.ts';

/** A result that is as long as the default allows, with what is around it. */
const LONG_RESULT = 9_999_800;
const LONG_LINE = 1_000_000_000;
const READERS = 10;
const SILENT = 300;
/** What Node gives a client for its headers (60 s), looked at twice a minute. */
const SILENT_MS = 120_000;
const LONG_BODY = 3_000_000;
/** Bytes that may be in use at most in between, whatever comes: Node collects its buffers late. */
const MOST = 200e6;

const callText = (name: string, args: object) =>
  requestText('1', 'tools/call', { name, arguments: args });

/** A session over any front end, for one call at a time. */
async function openSession(subject: Subject, front: string) {
  let settle: (message: Message) => void = () => {};
  const { version, connect: open } = FRONTS[front];
  const wire = await open({
    subject,
    initialize: initializeText(version, {}),
    onMessage: message => settle(message),
    onLost: why => settle({ error: { code: 0, message: why } }),
  });
  return {
    call: (name: string, args: object) =>
      new Promise<Message>(resolve => {
        settle = resolve;
        wire.send(callText(name, args));
      }),
    close: () => wire.close(),
  };
}

/** @returns what the work brings, and by how many bytes memory was higher in between than before */
async function peakOf<T>(
  { pid, inspector }: Subject,
  work: () => Promise<T>,
): Promise<{ result: T; peak: number }> {
  await inspector.collect();
  const before = residentMemory(pid);
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, residentMemory(pid));
  }, 20);
  const result = await work().finally(() => clearInterval(watch));
  return { result, peak: highest - before };
}

async function longResults(subject: Subject): Promise<void> {
  for (const front of Object.keys(FRONTS)) {
    const session = await openSession(subject, front);
    const { result } = await session.call('giant', { bytes: LONG_RESULT });
    const length = result?.content?.[0]?.text.length ?? 0;
    check(
      `${front}: a result of 10 MB is delivered`,
      length === LONG_RESULT,
      `${length} characters`,
    );
    await session.close();
  }
}

async function longLines(subject: Subject): Promise<void> {
  for (const [bytes, piece] of [
    [LONG_LINE, 65_536],
    [1_000_000, 1],
  ]) {
    const session = await openSession(subject, 'WebSocket');
    const { result: message, peak } = await peakOf(subject, () =>
      session.call('line', { bytes, piece }),
    );
    const { result: next } = await session.call('echo', { value: 'after' });
    check(
      `a line of ${megabytes(
        bytes,
      )} that is no message, ${piece} bytes at a time`,
      peak < MOST && next?.content?.[0]?.text !== undefined,
      `${message.error?.message ?? 'dropped'}; ${megabytes(
        peak,
      )} more at most; the process goes on`,
    );
    await session.close();
  }
}

async function slowReaders(subject: Subject): Promise<void> {
  const { result: readers, peak } = await peakOf(subject, async () => {
    const all = await Promise.all(
      Array.from({ length: READERS }, () => openSlowReader(subject)),
    );
    await sleep(5000);
    return all;
  });
  check(
    `${READERS} readers that read nothing of 100 MB each`,
    peak < MOST,
    `${megabytes(peak)} more at most`,
  );
  for (const reader of readers) reader.destroy();
}

/** A body in pieces of one byte each. */
async function crumbs(subject: Subject): Promise<void> {
  const { port } = subject;
  const opened = await exchange(port, {
    body: initializeText('2025-06-18', {}),
  });
  const id = String(opened.headers['mcp-session-id']);
  await exchange(port, {
    headers: { 'mcp-session-id': id },
    body: INITIALIZED,
  });
  const body = callText('echo', { value: 'x'.repeat(LONG_BODY) });
  const { result: text, peak } = await peakOf(
    subject,
    () =>
      new Promise<string>(resolve => {
        let answer = '';
        const socket = connect(port, '127.0.0.1');
        socket.setEncoding('utf8');
        socket.on('data', chunk => (answer += chunk));
        socket.on('error', () => {});
        socket.on('close', () => resolve(answer));
        socket.write(
          [
            'POST /mcp HTTP/1.1',
            'Host: localhost',
            'Connection: close',
            'Content-Type: application/json',
            'Accept: application/json, text/event-stream',
            `Mcp-Session-Id: ${id}`,
            'Transfer-Encoding: chunked',
            '\r\n',
          ].join('\r\n'),
        );
        socket.write(body.replaceAll(/./g, '1\r\n$&\r\n'));
        socket.write('0\r\n\r\n');
      }),
  );
  check(
    `a body of ${megabytes(LONG_BODY)}, a byte at a time`,
    peak < MOST,
    `${text.slice(9, 12)}; ${megabytes(peak)} more at most`,
  );
}

/** Sockets that are opened for nothing, and requests that stop in the middle. */
async function silent(subject: Subject): Promise<void> {
  const { port, pid } = subject;
  const files = openFiles(pid);
  const sockets: Socket[] = [];
  let closed = 0;
  const onClose = () => {
    closed++;
  };
  const begin = performance.now();
  for (let i = 0; i < SILENT; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', onClose);
    if (i % 2 === 1) socket.write('POST /mcp HTTP/1.1\r\nHost: local');
    socket.resume();
    sockets.push(socket);
  }
  const session = await openSession(subject, 'Streamable HTTP');
  const { result } = await session.call('echo', { value: 'meanwhile' });
  await session.close();
  check(
    `${SILENT} silent sockets keep nobody from being served`,
    result?.content?.[0]?.text === 'meanwhile',
  );
  const gone = await within(SILENT_MS, () => closed === SILENT);
  check(
    'silent sockets are closed',
    gone,
    `${closed} after ${((performance.now() - begin) / 1000).toFixed(
      0,
    )} s; ${openFiles(pid)} open files, ${files} before`,
  );
  for (const socket of sockets) socket.destroy();
}

export async function hostile(): Promise<void> {
  const subject = await startSubject(workServer, ['--max-queue', '4MB']);
  try {
    await longLines(subject);
    await crumbs(subject);
    await silent(subject);
    await slowReaders(subject); // what they did not read comes when they are gone
  } finally {
    await subject.stop();
  }
  const ordinary = await startSubject(workServer);
  try {
    await longResults(ordinary);
  } finally {
    await ordinary.stop();
  }
}
