import { readFileSync } from 'node:fs';
import { BACKEND } from '../../portal/services.ts';
import { until } from '../../../../dev-cluster/src/system/wait.ts';
import type { Backend } from './Backend.ts';

interface Reply {
  id?: number;
  result?: { result?: { value?: string } };
}

/** Asks a debugger's questions one after the other. Returns the last answer. */
async function ask(url: string, questions: object[]): Promise<Reply> {
  const socket = new WebSocket(url);
  try {
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', reject, { once: true });
    });
    let last: Reply = {};
    for (const [id, question] of questions.entries()) {
      last = await new Promise<Reply>(resolve => {
        socket.addEventListener('message', function read({ data }) {
          const reply = JSON.parse(String(data)) as Reply;
          if (reply.id === id) {
            socket.removeEventListener('message', read);
            resolve(reply);
          }
        });
        socket.send(JSON.stringify({ id, ...question }));
      });
    }
    return last;
  } finally {
    socket.close();
  }
}

/** What a backend holds after garbage was collected, and what its process takes of the machine, in MiB. */
export async function liveMemory(
  backend: Backend,
): Promise<{ held: number; resident: number }> {
  backend.openDebugger();
  const url = await until(
    'the debugger of the backend',
    () =>
      /Debugger listening on (ws:\S+)/.exec(
        readFileSync(backend.state.log(BACKEND), 'utf8'),
      )?.[1],
    { seconds: 20 },
  );
  const collect = { method: 'HeapProfiler.collectGarbage' };
  const { result } = await ask(url, [
    collect,
    collect, // what has finalizers is free only after the second time
    {
      method: 'Runtime.evaluate',
      params: { expression: 'JSON.stringify(process.memoryUsage())' },
    },
  ]);
  const memory = JSON.parse(result?.result?.value ?? '{}');
  const mebibytes = (bytes: number) => bytes / 1024 / 1024;
  return {
    held: mebibytes(memory.heapUsed + memory.external),
    resident: mebibytes(memory.rss),
  };
}
