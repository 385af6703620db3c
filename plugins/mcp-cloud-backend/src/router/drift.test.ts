import { setTimeout as sleep } from 'node:timers/promises';
import type { DriftedObject } from '@mcp-cloud/plugin-mcp-cloud-common';
import { eventually } from '../__testUtils__/eventually';
import { ann, bob, testRest, type TestRest } from '../__testUtils__/testRest';

jest.setTimeout(30_000);

const change: DriftedObject = {
  kind: 'Deployment',
  name: 'mcp-weather',
  drift: 'changed',
  fields: [{ path: 'spec.x', found: 1, by: { manager: 'kubectl-edit' } }],
};

describe('drift over REST', () => {
  let rest: TestRest;
  afterEach(() => rest.stop());

  const drift = async () => (await rest.get('/servers/weather/drift')).body;
  /** Somebody changes the server's Deployment by hand. */
  function edit(id: string) {
    rest.world.drift.set(id, [change]);
    rest.world.written(id);
  }

  it('shows what was applied, what somebody changed, and puts it back when asked', async () => {
    rest = await testRest();
    const { serverId } = await rest.made();
    expect((await rest.get('/servers/weather/manifests')).body.items).toEqual([
      expect.objectContaining({ kind: 'Deployment', spec: { replicas: 1 } }),
    ]);
    expect(await drift()).toMatchObject({ state: 'none', objects: [] });
    edit(serverId);
    expect(
      await eventually(async () => {
        const found = await drift();
        return found.state === 'drifted' && found;
      }),
    ).toMatchObject({ objects: [change], repairsItself: false });

    rest.world.acts.length = 0;
    const { status, body } = await rest.send(
      'post',
      '/servers/weather/drift/repair',
    );
    expect(status).toBe(202);
    expect(await rest.settled(body.operation.id)).toMatchObject({
      kind: 'repair',
      state: 'succeeded',
    });
    rest.world.written(serverId);
    await eventually(async () => (await drift()).state === 'none');
    expect(rest.world.acts[0]).toMatch(/^apply weather r1 x1/);
    expect((await rest.audited()).at(-1)).toMatchObject({
      event: 'server-repair',
      outcome: 'succeeded',
    });
  });

  it('needs the right to operate for a repair, and to read for the rest', async () => {
    rest = await testRest();
    await rest.made();
    rest.denied.add('mcp-cloud.server.operate');
    const repair = (as: string) =>
      rest.send('post', '/servers/weather/drift/repair', {}, as);
    expect((await repair(ann)).status).toBe(403);
    expect((await repair(bob)).status).toBe(403);
    for (const part of ['drift', 'manifests']) {
      const path = `/servers/weather/${part}`;
      expect((await rest.get(path, bob)).status).toBe(403);
      expect((await rest.get(`/servers/none/${part}`)).status).toBe(404);
    }
  });

  it('repairs by itself where the platform wants that, once for each change', async () => {
    rest = await testRest({
      services: {
        driftSettings: {
          allowedManagers: new Set(),
          repairsItself: true,
          periodMs: 1e9,
        },
      },
    });
    const { serverId } = await rest.made();
    edit(serverId);
    const repair = await eventually(async () => {
      const { body } = await rest.get('/servers/weather/operations');
      const [newest] = body.items;
      return newest.kind === 'repair' && newest.finishedAt && newest;
    });
    expect(repair).toMatchObject({
      state: 'succeeded',
      principal: 'service:mcp-cloud',
    });
    await eventually(async () => (await drift()).state === 'none');
    expect(
      (await rest.get('/servers/weather/operations')).body.items,
    ).toHaveLength(2);
  });

  it('leaves what a failed deploy left to people', async () => {
    rest = await testRest({
      services: {
        driftSettings: {
          allowedManagers: new Set(),
          repairsItself: true,
          periodMs: 1e9,
        },
      },
    });
    rest.world.statuses.set('weather', { state: 'Failed' });
    const { serverId, state } = await rest.made();
    expect(state).toBe('failed');
    edit(serverId);
    await eventually(async () => (await drift()).state === 'drifted');
    await sleep(300);
    expect(
      (await rest.get('/servers/weather/operations')).body.items,
    ).toHaveLength(1);
  });

  it('says why nothing is known', async () => {
    rest = await testRest();
    const { serverId } = await rest.made();
    rest.world.driftFinder.find = async () => {
      throw new Error('The API server refuses connections.');
    };
    rest.world.written(serverId);
    await eventually(async () => (await drift()).state === 'unknown');
    expect(await drift()).toMatchObject({
      problem: 'The API server refuses connections.',
    });
  });
});
