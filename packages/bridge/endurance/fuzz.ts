// Whatever may come over the ports and out of the server's stdout: it is answered clearly, and does not harm others.
import * as fc from 'fast-check';
import {
  body,
  headers,
  method,
  noise,
  path,
  socketFrames,
} from './arbitraries.ts';
import { startSubject, workServer, type Subject } from './bridge.ts';
import { exchange } from './clients/exchange.ts';
import { openGrpc } from './clients/grpc.ts';
import {
  INITIALIZED,
  initializeText,
  requestText,
  type Message,
} from './clients/message.ts';
import { openWorker } from './clients/worker.ts';
import { Call, Tally } from './ledger.ts';
import { childrenOf, openFiles } from './procfs.ts';
import { requestBytes, sendRaw, type RawReply } from './rawHttp.ts';
import { check, megabytes, note } from './report.ts';
import { sleep, within } from './wait.ts';

/** How many of one kind are tried at a time, as some have to wait for an answer that does not come. */
const LANES = 6;
const POST_HEADERS = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
};

/** @throws Error for an answer that blames the bridge, or says nothing */
function needClearAnswer({ status, text, closed }: RawReply): void {
  if (status === undefined) {
    // One that still waits for the rest has nothing to say yet.
    if (closed) throw new Error(`closed without an answer: ${text}`);
    return;
  }
  const isBusy = status === 503 && /^retry-after: \d+/im.test(text);
  if (status >= 500 && !isBusy) throw new Error(text.slice(0, 500));
  const [head, json = ''] = text.split('\r\n\r\n');
  if (status < 400 || json === '' || !head.includes('application/json')) return;
  const { error } = JSON.parse(json) as Message;
  if (!error || error.message.length < 5)
    throw new Error(`an error without a word: ${json}`);
}

/** A session for what needs one; made anew when the last one was harmed. */
function sessionOf({ port }: Subject) {
  let id: string | undefined;
  return async (renew = false): Promise<string> => {
    if (id !== undefined && !renew) return id;
    const { headers: said } = await exchange(port, {
      body: initializeText('2025-03-26', {}), // has batches
    });
    id = String(said['mcp-session-id']);
    await exchange(port, {
      headers: { 'mcp-session-id': id },
      body: INITIALIZED,
    });
    return id;
  };
}

/** What is tried, by name; each throws when it is not borne well. */
function properties(subject: Subject) {
  const { port, adminPort, grpcPort } = subject;
  const session = sessionOf(subject);
  const noisy = sessionOf(subject);

  return {
    'bytes on every port': fc.asyncProperty(
      fc.constantFrom(port, adminPort),
      fc.oneof(
        fc.uint8Array({ maxLength: 500 }).map(bytes => Buffer.from(bytes)),
        fc
          .tuple(method, path, headers, body, fc.nat())
          .map(([verb, place, all, text, at]) => {
            const bytes = requestBytes(verb, place, all, text);
            bytes[at % Math.min(bytes.length, 300)] ^= 1 << at % 8;
            return bytes;
          }),
      ),
      async (to, bytes) => needClearAnswer(await sendRaw(to, [bytes], 200)),
    ),
    'bytes on the port of gRPC': fc.asyncProperty(
      fc.boolean(),
      fc.uint8Array({ maxLength: 500 }),
      async (asHttp2, bytes) => {
        const preface = asHttp2 ? 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' : '';
        await sendRaw(grpcPort, [preface, Buffer.from(bytes)], 200);
      },
    ),
    requests: fc.asyncProperty(
      method,
      path,
      headers,
      body,
      async (verb, place, all, text) =>
        needClearAnswer(
          await sendRaw(port, [requestBytes(verb, place, all, text)], 300),
        ),
    ),
    'messages in a session': fc.asyncProperty(body, async text => {
      const all = { ...POST_HEADERS, 'mcp-session-id': await session() };
      const reply = await sendRaw(
        port,
        [requestBytes('POST', '/mcp', all, text)],
        300,
      );
      needClearAnswer(reply);
      if (reply.status === 404) await session(true);
    }),
    'messages of 2026-07-28': fc.asyncProperty(headers, body, (all, text) =>
      sendRaw(
        port,
        [
          requestBytes(
            'POST',
            '/mcp',
            { ...all, ...POST_HEADERS, 'mcp-protocol-version': '2026-07-28' },
            text,
          ),
        ],
        300,
      ).then(needClearAnswer),
    ),
    'frames of WebSocket': fc.asyncProperty(
      fc.boolean(),
      socketFrames,
      async (begins, frames) => {
        const handshake = requestBytes(
          'GET',
          '/mcp/stream',
          {
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          },
          '',
        )
          .toString()
          .replace(/content-length: 0\r\n/, '');
        const text = Buffer.from(initializeText('2025-03-26', {}));
        const head = Buffer.from([0x81, 0xfe, 0, text.length, 0, 0, 0, 0]);
        const first = begins ? [head, text] : [];
        const reply = await sendRaw(
          port,
          [handshake, ...first, ...frames],
          100,
        );
        if (reply.status !== 101) needClearAnswer(reply);
      },
    ),
    'frames of gRPC': fc.asyncProperty(
      fc.boolean(),
      fc.array(body, { minLength: 1, maxLength: 5 }),
      async (begins, frames) => {
        const { client, stream } = openGrpc(grpcPort);
        stream.on('error', () => {});
        stream.on('data', ({ json }: { json: string }) => JSON.parse(json));
        if (begins) stream.write({ json: initializeText('2025-03-26', {}) });
        for (const json of frames) stream.write({ json });
        await sleep(50);
        stream.cancel();
        client.close();
      },
    ),
    'noise of the server': fc.asyncProperty(noise, async bytes => {
      let answer: string | undefined;
      const { status } = await exchange(port, {
        headers: { 'mcp-session-id': await noisy() },
        body: requestText('1', 'tools/call', {
          name: 'noise',
          arguments: { base64: bytes.toString('base64') },
        }),
        onMessage: ({ result }) => {
          answer = result?.content?.[0]?.text ?? answer;
        },
      });
      if (status === 404) await noisy(true);
      if (answer !== 'after the noise')
        throw new Error(
          `${status} ${answer} after ${bytes.toString('latin1')}`,
        );
    }),
  };
}

/** A good client in the middle of it all. */
async function canary(subject: Subject, end: number): Promise<Tally> {
  const tally = new Tally();
  const worker = await openWorker('Streamable HTTP', {
    subject,
    tally,
    asked: true,
  });
  for (let n = 0; Date.now() < end; n++) {
    const calls = [0, 1, 2, 3].map(i =>
      worker.work(new Call(`canary/${n}/${i}`, '1', i, i > 1)),
    );
    await Promise.all(calls);
    await sleep(100);
  }
  await worker.close();
  return tally;
}

/** Tries a property until the end, or until it does not hold. */
async function tryOut(
  name: string,
  property: fc.IRawProperty<unknown>,
  end: number,
): Promise<void> {
  const lanes = await Promise.all(
    Array.from({ length: LANES }, () =>
      fc.check(property, {
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: end - Date.now(),
        markInterruptAsFailure: false,
        endOnFailure: true,
      }),
    ),
  );
  const tries = lanes.reduce((sum, { numRuns }) => sum + numRuns, 0);
  const failure = lanes.find(({ failed }) => failed);
  check(name, !failure, `${tries} tries`);
  if (!failure) return;
  note(String(failure.errorInstance).slice(0, 1000));
  const example = fc.stringify(failure.counterexample).slice(0, 2000);
  note(`seed ${failure.seed}: ${example}`);
}

export async function fuzz({ minutes }: { minutes: number }): Promise<void> {
  const subject = await startSubject(workServer, [
    ...[
      '--session-idle',
      '5s',
      '--reclaim-after',
      '1s',
      '--call-timeout',
      '10s',
    ],
    ...['--max-sessions', '60', '--keep-alive', '1s'],
  ]);
  const { pid, inspector } = subject;
  try {
    const settled = () => within(80_000, () => childrenOf(pid).length <= 3); // the spare and those that modern clients share
    const end = Date.now() + minutes * 60_000;
    const files = openFiles(pid);
    const watching = canary(subject, end);
    // Code that is compiled and caches that fill are no growth.
    const warm = sleep(Math.min(60_000, minutes * 15_000)).then(() =>
      inspector.collect(),
    );
    await Promise.all(
      Object.entries(properties(subject)).map(([name, property]) =>
        tryOut(name, property as fc.IRawProperty<unknown>, end),
      ),
    );
    const tally = await watching;
    check(
      'a good client notices nothing',
      tally.wrong + tally.lacking === 0,
      `${tally.calls} calls`,
    );
    for (const detail of tally.details) note(detail);
    const faults = subject.said.filter(line =>
      /"level":"(error|fatal)"/.test(line),
    );
    check('no fault in the log', faults.length === 0);
    for (const line of faults.slice(0, 5)) note(line);
    await settled();
    const before = await warm;
    const after = await inspector.collect();
    check(
      'no growth',
      after.heapUsed < before.heapUsed * 1.25 + 2e6,
      `heap ${megabytes(before.heapUsed)} after the first minute, ${megabytes(
        after.heapUsed,
      )} at the end`,
    );
    const back = await within(80_000, () => openFiles(pid) <= files + 5);
    check(
      'processes and files are back where they were',
      back,
      `${childrenOf(pid).length} processes, ${openFiles(
        pid,
      )} open files, ${files} at the start`,
    );
  } finally {
    await subject.stop();
  }
}
