import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { HealthProbe } from './HealthProbe';
import type { KubeApi } from './types';

/** An API server that says nothing until it is told to. */
function silentApi() {
  let speak = (_status: number) => {};
  const answer = new Promise<IncomingMessage>(resolve => {
    speak = statusCode =>
      resolve(
        Object.assign(new PassThrough(), {
          statusCode,
        }) as unknown as IncomingMessage,
      );
  });
  const api: KubeApi = {
    stream: () => answer,
    json: async <T>() => ({ gitVersion: 'v1.37.0' } as T),
  };
  return { api, speak: (status: number) => speak(status) };
}

describe('HealthProbe', () => {
  it('lets those who need the cluster wait for its first answer', async () => {
    const { api, speak } = silentApi();
    const probe = new HealthProbe({ api, onChange: () => {} });
    probe.start();
    expect(probe.health().state).toBe('unreachable');
    const settled = probe.settled();
    speak(200);
    expect(await settled).toMatchObject({ state: 'ok', version: 'v1.37.0' });
    await probe.stop();
  });

  it('says why when the first answer is a refusal', async () => {
    const { api, speak } = silentApi();
    const probe = new HealthProbe({ api, onChange: () => {} });
    probe.start();
    const settled = probe.settled();
    speak(401);
    expect(await settled).toMatchObject({
      state: 'unreachable',
      reason: expect.stringContaining('credentials'),
    });
    await probe.stop();
  });

  it('asks at once when something else found the cluster gone', async () => {
    let gone = false;
    const changes: string[] = [];
    const api = {
      ...silentApi().api,
      stream: async () => {
        if (gone) {
          throw Object.assign(new Error(), { code: 'ECONNREFUSED' });
        }
        return Object.assign(new PassThrough(), {
          statusCode: 200,
        }) as unknown as IncomingMessage;
      },
    };
    const told = new Promise<void>(resolve => {
      const probe = new HealthProbe({
        api,
        onChange: ({ state }) => {
          changes.push(state);
          if (state === 'unreachable') {
            resolve(probe.stop());
          }
        },
        timing: { periodMs: 3_600_000 },
      });
      probe.start();
      void probe.settled().then(() => {
        gone = true;
        probe.hurry();
      });
    });
    await told;
    expect(changes).toEqual(['ok', 'unreachable']);
  });

  it('keeps nobody waiting when it stops', async () => {
    const { api } = silentApi();
    const probe = new HealthProbe({ api, onChange: () => {} });
    await probe.stop();
    expect((await probe.settled()).state).toBe('unreachable');
  });
});
