// Measures the bridge beside bare node:http, mcp-proxy and supergateway, and writes docs/benchmarks/bridge.md.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  bareHttp,
  installPeers,
  ours,
  run,
  theirs,
  type Contestant,
} from './contestants.ts';
import {
  latencyAt,
  latencyOfPipes,
  memoryWith,
  sessionStart,
  throughput,
} from './measures.ts';
import { write, type Row } from './report.ts';
import { measureWays } from './ways.ts';

const PORT = 7700;
const RATE = 1000;

async function measure(
  contestant: Contestant,
  seconds: number,
  full: boolean,
): Promise<Row> {
  const { name, note } = contestant;
  const say = (what: string) => process.stderr.write(`${name}: ${what}\n`);
  const fresh = async <T>(
    work: (server: Awaited<ReturnType<typeof run>>) => Promise<T>,
  ): Promise<T> => {
    const server = await run(contestant, PORT);
    try {
      return await work(server);
    } finally {
      await server.stop();
    }
  };
  const calls = await fresh(async server => {
    await throughput(server, 50, 1); // warm
    const one = await throughput(server, 1, seconds);
    const fifty = await throughput(server, 50, seconds);
    return { one, fifty };
  });
  say(
    `${Math.round(calls.one.perSecond)}, ${Math.round(
      calls.fifty.perSecond,
    )} calls/s`,
  );
  if (!full) return { name, note, ...calls };
  const memory = await fresh(server => memoryWith(server, 50));
  const start = await fresh(server => sessionStart(server, 10));
  say(`${Math.round(memory / 1e6)} MB, a session in ${start.toFixed(1)} ms`);
  return { name, note, ...calls, memory, start };
}

async function latency(contestant: Contestant, seconds: number) {
  const server = await run(contestant, PORT);
  try {
    return await latencyAt(server, RATE, seconds);
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '8' } },
  });
  const seconds = Number(values.seconds);

  installPeers();
  const limit = await measure(bareHttp, seconds, false);
  const rows: Row[] = [];
  for (const contestant of [...ours, ...theirs]) {
    rows.push(await measure(contestant, seconds, true));
  }
  const ways = await measureWays(seconds);
  const pipes = await latencyOfPipes(RATE, seconds);
  const bridge = await latency(ours[0], seconds);
  const bare = await latency(bareHttp, seconds);
  await write(join(import.meta.dirname, '../../docs/benchmarks'), {
    limit,
    rows,
    ours: ours.map(({ name }) => name),
    ways,
    latency: { rate: RATE, pipes, bare, bridge },
  });
}

main();
