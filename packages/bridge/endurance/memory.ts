// What many clients cost that are there and do nothing.
import {
  startSubject,
  tinyServer,
  workServer,
  type Subject,
} from './bridge.ts';
import { exchange } from './clients/exchange.ts';
import { INITIALIZED, initializeText } from './clients/message.ts';
import { residentMemory, treeMemory } from './procfs.ts';
import { check, megabytes } from './report.ts';
import { sleep } from './wait.ts';

const SHARED = 50;
const IDLE = 10_000;
/** Sessions that are opened at a time. */
const AT_ONCE = 50;

/** A session with its GET stream open. */
async function openListening({ port }: Subject): Promise<void> {
  const opened = await exchange(port, {
    body: initializeText('2025-11-25', {}),
  });
  const id = opened.headers['mcp-session-id'];
  if (typeof id !== 'string') throw new Error(String(opened.status));
  const headers = { 'mcp-session-id': id };
  await exchange(port, { headers, body: INITIALIZED });
  await new Promise<void>((resolve, reject) => {
    exchange(port, {
      method: 'GET',
      headers,
      onHeaders: status => {
        if (status === 200) resolve();
        else reject(new Error(String(status)));
      },
    }).catch(reject);
  });
}

async function openMany(subject: Subject, count: number): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await openListening(subject);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await sleep(2000);
}

const shared = (max: number) => [
  ...['--isolation', 'shared', '--max-sessions', String(max)],
];

export async function memory(): Promise<void> {
  const few = await startSubject(workServer, shared(SHARED));
  try {
    await openMany(few, SHARED);
    const tree = treeMemory(few.pid);
    check(
      `${SHARED} shared sessions take at most 200 MB with all processes`,
      tree <= 200e6,
      megabytes(tree),
    );
  } finally {
    await few.stop();
  }
  const many = await startSubject(tinyServer, shared(IDLE));
  try {
    const before = residentMemory(many.pid);
    await openMany(many, IDLE);
    const resident = residentMemory(many.pid);
    const { heapUsed } = await many.inspector.collect();
    check(
      `${IDLE} idle sessions with open streams take at most 512 MB in one process`,
      resident <= 512e6,
      `${megabytes(resident)} resident (${megabytes(
        before,
      )} before), ${megabytes(heapUsed)} of heap in use`,
    );
  } finally {
    await many.stop();
  }
}
