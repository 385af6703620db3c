// Sessions that are opened and left without a word, many thousand times: nothing of them stays.
import { connect, type Socket } from 'node:net';
import { startSubject, tinyServer, type Subject } from './bridge.ts';
import { agent, exchange } from './clients/exchange.ts';
import { INITIALIZED, initializeText } from './clients/message.ts';
import { childrenOf, openFiles, residentMemory } from './procfs.ts';
import { check, megabytes, note } from './report.ts';
import { sleep, within } from './wait.ts';

const ROUNDS = 3;
const SESSIONS_OF_A_ROUND = 3500;
/** Sessions that are open at a time: as many as there may be. */
const WAVE = 500;
const AT_ONCE = 20;
/** As many sessions as there may be, where that is tried. */
const FEW = 50;
const SESSION_IDLE_MS = 10_000;
/** Connections without a request are kept for 65 s, and so is what their peer has left open. */
const PATIENCE_MS = 120_000;
/** How far two measurements of the same memory may be apart. */
const NOISE = 1.03;

/** How a client leaves whose GET stream is open. */
type Leaving = 'destroyed' | 'half-closed' | 'silent';
const LEAVING: readonly Leaving[] = ['destroyed', 'half-closed', 'silent'];

async function openSession(port: number): Promise<string> {
  const { status, headers } = await exchange(port, {
    body: initializeText('2025-06-18', {}),
  });
  const id = headers['mcp-session-id'];
  if (status !== 200 || typeof id !== 'string')
    throw new Error(`initialize: ${status}`);
  await exchange(port, {
    headers: { 'mcp-session-id': id },
    body: INITIALIZED,
  });
  return id;
}

/** Opens the GET stream, and leaves. @returns the socket when it is still there */
function leave(
  port: number,
  id: string,
  how: Leaving,
): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', reject);
    socket.write(
      `GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: ${id}\r\n\r\n`,
    );
    socket.once('data', () => {
      socket.removeListener('error', reject);
      socket.on('error', () => {});
      if (how === 'destroyed') socket.resetAndDestroy();
      else if (how === 'half-closed') socket.end();
      socket.pause(); // nobody reads any more
      resolve(how === 'destroyed' ? undefined : socket);
    });
  });
}

/** Sessions until all places are taken, a third of them with a stream that nobody reads. */
async function wave({ port }: Subject, left: Socket[]): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < WAVE; n = next++) {
      const id = await openSession(port);
      if (n % 3 !== 0) continue;
      const socket = await leave(port, id, LEAVING[(n / 3) % LEAVING.length]);
      if (socket) left.push(socket);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Opens sessions until one is refused. @returns how many there were, and what the refusal said */
async function fill({ port }: Subject) {
  for (let opened = 0; opened <= FEW; opened++) {
    const { status, headers } = await exchange(port, {
      body: initializeText('2025-06-18', {}),
    });
    if (status !== 200)
      return { opened, status, retryAfter: Number(headers['retry-after']) };
  }
  return { opened: FEW + 1, status: 200, retryAfter: 0 };
}

async function sessionsOf({ adminPort }: Subject): Promise<number> {
  const res = await fetch(`http://127.0.0.1:${adminPort}/status`);
  return ((await res.json()) as { sessions: number }).sessions;
}

async function limit(): Promise<void> {
  const subject = await startSubject(tinyServer, [
    ...['--max-sessions', String(FEW), '--reclaim-after', '1h'],
  ]);
  const { opened, status, retryAfter } = await fill(subject).finally(
    subject.stop,
  );
  check(
    `session ${FEW + 1} of ${FEW} gets 503 with Retry-After`,
    opened === FEW && status === 503 && retryAfter > 0,
    `${opened} opened, then ${status}, Retry-After ${retryAfter}`,
  );
}

export async function leaks(): Promise<void> {
  await limit();
  const subject = await startSubject(tinyServer, [
    ...['--max-sessions', String(WAVE), '--era', 'legacy'],
    ...['--session-idle', `${SESSION_IDLE_MS}ms`, '--reclaim-after', '1h'],
    ...['--keep-alive', '1s', '--stop-grace', '500ms'],
  ]);
  const { pid, inspector } = subject;
  try {
    await openSession(subject.port);
    await within(PATIENCE_MS, async () => (await sessionsOf(subject)) === 0);
    agent.destroy();
    await sleep(1000);
    const [files, children] = [openFiles(pid), childrenOf(pid).length];
    const { heapUsed: heap } = await inspector.collect();
    note(
      `at the start ${children} processes, ${files} open files, heap ${megabytes(
        heap,
      )}`,
    );
    const rounds: { heap: number; resident: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      for (let opened = 0; opened < SESSIONS_OF_A_ROUND; opened += WAVE) {
        const left: Socket[] = [];
        await wave(subject, left);
        await within(
          PATIENCE_MS,
          async () => (await sessionsOf(subject)) === 0,
        );
        // What is silent stays to the end of the last wave, to see that the bridge gets rid of it by itself.
        if (opened + WAVE < SESSIONS_OF_A_ROUND)
          for (const socket of left) socket.destroy();
      }
      agent.destroy();
      const back = await within(
        PATIENCE_MS,
        () => childrenOf(pid).length <= children && openFiles(pid) <= files,
      );
      const { heapUsed } = await inspector.collect();
      const resident = residentMemory(pid);
      rounds.push({ heap: heapUsed, resident });
      check(
        `round ${round}: processes and files are back`,
        back,
        `${childrenOf(pid).length} processes, ${openFiles(
          pid,
        )} open files; heap ${megabytes(heapUsed)}, resident ${megabytes(
          resident,
        )}`,
      );
    }
    const [first, second, third] = rounds;
    check(
      'the heap is back after a collection',
      third.heap <= first.heap * NOISE,
      `${megabytes(first.heap)} after round one, ${megabytes(
        third.heap,
      )} after round three`,
    );
    check(
      'resident memory after round three is no more than after round two',
      third.resident <= second.resident * NOISE,
      `${megabytes(second.resident)}, ${megabytes(third.resident)}`,
    );
  } finally {
    await subject.stop();
  }
}
