import pLimit from 'p-limit';
import { BRIDGE_CONTAINER, CONTAINER } from '../manifests/names';
import { isReady } from '../status/podFacts';
import {
  RawSession,
  textOf,
  type RawAnswer,
  type RawTarget,
} from '../__testUtils__/rawSession';
import { eventually } from '../__testUtils__/eventually';
import {
  longTestImages,
  testRig,
  type TestRig,
} from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(900_000);

const SESSIONS = Number(process.env.MCP_CLOUD_LONG_TEST_SESSIONS ?? 1000);
/** Requests of the test's one process that are under way at a time, where the number does not matter. */
const atATime = pLimit(40);
const all = <T, R>(list: readonly T[], act: (one: T) => Promise<R>) =>
  Promise.all(list.map(one => atATime(() => act(one))));
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const say = (text: string) => process.stderr.write(`    ${text}\n`);

const layouts = {
  baked: { image: () => longTestImages().tiny },
  sidecar: {
    image: () => longTestImages().users['from scratch'],
    bridge: { mode: 'sidecar' as const },
    command: ['/tiny-server'],
  },
};

describe.each(Object.keys(layouts) as Array<keyof typeof layouts>)(
  `${SESSIONS} sessions on three pods, %s`,
  layout => {
    const { image, ...spec } = layouts[layout];
    const input = testServer(
      {
        name: 'many',
        ...spec,
        image: image(),
        // The renderer counts 100 MiB for each process; these need 5. Two pods shall have places for all.
        resources: {
          requests: { cpu: '10m', memory: '64Mi' },
          limits: { memory: '100Gi' },
        },
      },
      { replicas: 3 },
    );
    let rig: TestRig;
    let target: RawTarget;
    let sessions: RawSession[];

    const running = () =>
      rig.until(
        rig.desired(input),
        ({ state }) => state === 'Running',
        180_000,
      );
    beforeAll(async () => {
      rig = await testRig(`many-${layout}`);
      await rig.deploy(input);
      await running();
      target = {
        port: await rig.nodePort(input),
        authorization: await rig.authorization(input, 'user:default/alice'),
        reconnects: 0,
      };
      sessions = Array.from({ length: SESSIONS }, () => new RawSession(target));
    });
    afterAll(async () => {
      say(`${target?.reconnects} connections had to be tried again`);
      await rig?.stop();
    });

    /** Pods that serve, with the sessions that they have. */
    const holders = async () => {
      const { pods } = rig.cluster.observe({ id: input.id, name: 'many' });
      const names = pods.filter(isReady).map(pod => pod.metadata!.name!);
      return Promise.all(
        names.map(async pod => ({
          pod,
          sessions: await rig.metric(pod, 'mcp_sessions_active '),
        })),
      );
    };
    const isGone = (pod: string) =>
      eventually(
        () =>
          rig.cluster
            .observe({ id: input.id, name: 'many' })
            .pods.every(({ metadata }) => metadata!.name !== pod),
        90_000,
      );
    /** Whether a session says how many calls it has had; one that was tried again may have counted twice. */
    const isRight = (
      session: RawSession,
      answer: RawAnswer,
      retries: number,
    ) => {
      const [, count] = /^hello (\d+)$/.exec(textOf(answer) ?? '') ?? [];
      const more = Number(count) - session.calls;
      session.calls = Number(count);
      return answer.status === 200 && more >= 0 && more <= retries;
    };
    /** What is answered 503 or not at all, while a pod ends, is tried again, as clients do. */
    const insist = async (act: () => Promise<RawAnswer>) => {
      let retries = 0;
      for (;;) {
        const answer = await act();
        if (![0, 503].includes(answer.status) || retries === 60)
          return { answer, retries };
        retries += 1;
        await pause(250);
      }
    };
    const hello = async (session: RawSession) => {
      const before = session.calls;
      const { answer, retries } = await insist(() => {
        session.calls = before;
        return session.call('echo', { text: 'hello' });
      });
      return {
        answer,
        retries,
        right: isRight(session, answer, retries),
      };
    };
    /** Calls every session once; those that have ended are told so once, begin anew, and work. */
    const callAll = async () => {
      const outcome = { gone: 0, retried: 0, wrong: [] as string[] };
      await all(sessions, async session => {
        const { answer, retries, right } = await hello(session);
        if (retries > 0) outcome.retried += 1;
        if (right) return;
        if (answer.status !== 404) {
          outcome.wrong.push(`${answer.status} ${answer.text}`);
          return;
        }
        outcome.gone += 1;
        const begun = await insist(() => session.initialize());
        const again = await hello(session);
        if (begun.answer.status === 200 && again.right) return;
        outcome.wrong.push(
          `after 404: ${begun.answer.status} ${again.answer.status} ${again.answer.text}`,
        );
      });
      return outcome;
    };

    it('begin, stream and resume on whichever pod their requests land', async () => {
      let begin = performance.now();
      const refused = (
        await all(sessions, session => session.initialize())
      ).filter(({ status }) => status !== 200);
      expect(refused.slice(0, 5)).toEqual([]);
      say(`begun in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      begin = performance.now();
      for (let turn = 0; turn < 3; turn += 1) {
        expect(await callAll()).toEqual({ gone: 0, retried: 0, wrong: [] });
      }
      const rate = (SESSIONS * 3000) / (performance.now() - begin);
      say(`${rate.toFixed(0)} calls/s, a connection for each`);

      // Every call's stream is lost after its first step, and taken up again elsewhere.
      const wrong: unknown[] = [];
      await all(sessions, async session => {
        const first = await session.start('steps', { steps: 4, ms: 150 });
        await eventually(() => first.messages.length > 0, 30_000);
        first.abandon();
        const rest = await session.listen(first.lastEventId);
        await eventually(
          () => rest.messages.some(({ result }) => result),
          30_000,
        );
        rest.abandon();
        const told = [...first.messages, ...rest.messages].map(
          ({ params, result }) => params?.progress ?? result?.content?.[0].text,
        );
        if (JSON.stringify(told) !== '[1,2,3,4,"done"]') wrong.push(told);
      });
      expect(wrong.slice(0, 5)).toEqual([]);
      const shares = await holders();
      say(
        `sessions of each pod: ${shares.map(one => one.sessions).join(', ')}`,
      );
      expect(shares.reduce((sum, one) => sum + one.sessions, 0)).toBe(SESSIONS);
    });

    it('lose no call when a pod is deleted', async () => {
      const [{ pod, sessions: owned }] = await holders();
      const streams = await all(sessions, session => session.listen());
      const ended = jest.fn();
      streams.forEach(stream => stream.ended.then(ended));
      const calls = sessions.map(session =>
        session.call('steps', { steps: 1, ms: 15_000 }),
      );
      await pause(8_000);
      const begin = performance.now();
      await rig.deletePod(pod);
      // Others go on all the while: new requests land on the pod until the network knows.
      let others = 0;
      const unanswered: string[] = [];
      let over = false;
      const busy = (async () => {
        while (!over) {
          const session = sessions[others % SESSIONS];
          const answer = await session.post({
            jsonrpc: '2.0',
            id: `ping-${others}`,
            method: 'ping',
          });
          if (![200, 404].includes(answer.status))
            unanswered.push(`${answer.status} ${answer.text}`);
          others += 1;
        }
      })();
      const answers = await Promise.all(calls);
      const failed = answers.filter(answer => textOf(answer) !== 'done');
      say(
        `${calls.length} calls in flight, of which ${failed.length} failed; the pod had ${owned} sessions`,
      );
      await isGone(pod);
      say(`gone after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      over = true;
      await busy;
      say(`${others} requests meanwhile, ${unanswered.length} unanswered`);
      expect(failed.slice(0, 5)).toEqual([]);
      expect(unanswered.slice(0, 5)).toEqual([]);
      // Streams of the pod's sessions end, and so do those that it passed on.
      expect(ended.mock.calls.length).toBeGreaterThanOrEqual(owned);
      const after = await callAll();
      say(`then ${JSON.stringify(after)}`);
      expect(after).toEqual({ gone: owned, retried: 0, wrong: [] });
      streams.forEach(stream => stream.abandon());
    });

    /** The pod with most sessions. */
    const fullest = async () => {
      await running();
      return (await holders()).sort((a, b) => b.sessions - a.sessions)[0];
    };
    /** All sessions of what has ended are told so once, and nobody else is. */
    const expectGone = async (owned: number) => {
      let [gone, retried] = [0, 0];
      await eventually(async () => {
        const round = await callAll();
        expect(round.wrong).toEqual([]);
        gone += round.gone;
        retried += round.retried;
        return gone >= owned;
      }, 60_000);
      say(
        `of ${owned} sessions ${gone} were told 404, ${retried} calls tried again`,
      );
      expect(gone).toBe(owned);
      expect(await callAll()).toMatchObject({ gone: 0, wrong: [] });
    };

    it('end with a pod that is killed, and only its own', async () => {
      const { pod, sessions: owned } = await fullest();
      await rig.deletePod(pod, { atOnce: true });
      await expectGone(owned);
    });

    it('are unknown to a new bridge on the address of the old one', async () => {
      const { pod, sessions: owned } = await fullest();
      const container = layout === 'sidecar' ? BRIDGE_CONTAINER : CONTAINER;
      await rig.run({ pod, container }, [
        'sh',
        '-c',
        'for p in /proc/[0-9]*; do grep -qs mcp-bridge[.]mjs $p/cmdline && kill -9 ${p#/proc/}; done',
      ]);
      await expectGone(owned);
    });
  },
);
