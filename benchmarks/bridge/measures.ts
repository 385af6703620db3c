import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Running } from './contestants.ts';
import {
  closeSession,
  echoCall,
  keepAlive,
  beginSession,
  openSession,
  post,
} from './session.ts';

export interface Throughput {
  perSecond: number;
  /** Answers that were no success, or not the answer to what was asked. */
  failed: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** Calls on one session over so many connections, as fast as they are answered. */
export async function throughput(
  server: Running,
  connections: number,
  seconds: number,
): Promise<Throughput> {
  const agent = keepAlive();
  const session = await openSession(server, agent);
  try {
    const { stdout, stderr, status } = spawnSync(
      'wrk',
      [
        '-t1',
        `-c${connections}`,
        `-d${seconds}s`,
        '--timeout',
        '20s',
        '-s',
        join(import.meta.dirname, 'call.lua'),
        server.url,
      ],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          MCP_SESSION: session['mcp-session-id'],
          MCP_TOKEN: session.authorization,
        },
      },
    );
    if (status !== 0) throw new Error(`wrk: ${stderr || stdout}`);
    const line = stdout.trimEnd().split('\n').at(-1) ?? '';
    const { errors, failed, ...rest } = JSON.parse(line);
    return { ...rest, failed: failed + errors };
  } finally {
    await closeSession(server.url, session, agent).catch(() => {});
    agent.destroy();
  }
}

/** Bytes of memory with so many sessions open, each of which has made a call. */
export async function memoryWith(
  server: Running,
  sessions: number,
): Promise<number> {
  const agent = keepAlive();
  try {
    for (let i = 0; i < sessions; i++) {
      const session = await openSession(server, agent);
      await post(server.url, echoCall(i), session, agent);
    }
    await new Promise(resolve => setTimeout(resolve, 1000));
    return server.memory();
  } finally {
    agent.destroy();
  }
}

/** Milliseconds from `initialize` to its answer, with time between sessions for what is made in advance. */
export async function sessionStart(
  server: Running,
  sessions: number,
): Promise<number> {
  const agent = keepAlive();
  const times: number[] = [];
  for (let i = 0; i < sessions; i++) {
    await new Promise(resolve => setTimeout(resolve, 500));
    const begin = performance.now();
    const session = await beginSession(server, agent);
    times.push(performance.now() - begin);
    await closeSession(server.url, session, agent).catch(() => {});
  }
  agent.destroy();
  return quantile(times, 0.5);
}

/** Milliseconds that calls take, when so many are made each second whether or not earlier ones are answered. */
export interface Latency {
  p50: number;
  p99: number;
}

export async function latencyAt(
  server: Running,
  perSecond: number,
  seconds: number,
): Promise<Latency> {
  const agent = keepAlive();
  const session = await openSession(server, agent);
  const call = async (id: number) => {
    const { message } = await post(server.url, echoCall(id), session, agent);
    if (!message?.result) throw new Error('a call failed');
  };
  try {
    return await atFixedRate(call, perSecond, seconds);
  } finally {
    await closeSession(server.url, session, agent).catch(() => {});
    agent.destroy();
  }
}

/** The same calls straight over a child's pipes: what no bridge can be faster than. */
export async function latencyOfPipes(
  perSecond: number,
  seconds: number,
): Promise<Latency> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'echoServer.mjs')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const waiting = new Map<unknown, () => void>();
  createInterface({ input: child.stdout }).on('line', line => {
    const { id } = JSON.parse(line);
    waiting.get(id)?.();
    waiting.delete(id);
  });
  const call = (id: number) =>
    new Promise<void>(resolve => {
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify(echoCall(id))}\n`);
    });
  try {
    return await atFixedRate(call, perSecond, seconds);
  } finally {
    child.kill();
  }
}

async function atFixedRate(
  call: (id: number) => Promise<void>,
  perSecond: number,
  seconds: number,
): Promise<Latency> {
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const warmUp = perSecond; // the first second is not counted
  const total = warmUp + perSecond * seconds;
  const begin = performance.now();
  for (let next = 0; next < total; ) {
    const due = Math.min(
      total,
      Math.floor(((performance.now() - begin) / 1000) * perSecond),
    );
    for (; next < due; next++) {
      const [id, sent] = [next, performance.now()];
      calls.push(
        call(id).then(() => {
          if (id >= warmUp) times.push(performance.now() - sent);
        }),
      );
    }
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  await Promise.all(calls);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}
