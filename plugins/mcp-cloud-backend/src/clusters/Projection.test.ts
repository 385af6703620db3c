import type {
  CoreV1Event,
  V1Deployment,
  V1Pod,
  V1ReplicaSet,
} from '@kubernetes/client-node';
import {
  REVISION_ANNOTATION,
  SERVER_ID_LABEL,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { EventIndex } from './EventIndex';
import { Projection } from './Projection';
import type { BridgeReport } from './types';

const server = { id: 'id-a', name: 'a' };
const meta = (name: string, resourceVersion: string, rest: object = {}) => ({
  name,
  resourceVersion,
  labels: { [SERVER_ID_LABEL]: 'id-a' },
  managedFields: [{ manager: 'someone' }],
  ...rest,
});
const pod = (name: string, version: string, rest: object = {}) =>
  ({ metadata: meta(name, version, rest) } as V1Pod);
const event = (
  kind: string,
  name: string,
  reason: string,
  at = '2026-11-21T12:00:00Z',
): CoreV1Event =>
  ({
    metadata: { uid: `${name}-${reason}`, resourceVersion: '90' },
    involvedObject: { kind, name },
    reason,
    lastTimestamp: at,
  } as unknown as CoreV1Event);

describe('Projection', () => {
  let changed: string[];
  let projection: Projection;
  beforeEach(() => {
    changed = [];
    projection = new Projection(id => changed.push(id));
  });

  it('keeps objects by server and tells whose picture changed', () => {
    projection.deployments.upsert({
      metadata: meta('mcp-a', '5'),
    } as V1Deployment);
    projection.pods.upsert(pod('mcp-a-x-1', '7'));
    projection.pods.upsert({
      metadata: { name: 'stray', resourceVersion: '9' },
    } as V1Pod);
    expect(changed).toEqual(['id-a', 'id-a']);
    const picture = projection.observe(server);
    expect(picture.pods.map(one => one.metadata?.name)).toEqual(['mcp-a-x-1']);
    expect(picture.pods[0].metadata?.managedFields).toBeUndefined();
    expect(picture.version).toBe(7);
    expect(projection.observe({ id: 'other', name: 'b' })).toMatchObject({
      pods: [],
      events: [],
      version: 0,
    });
  });

  it('lets the version grow with a deletion, also with one that only a new list shows', () => {
    projection.pods.upsert(pod('p1', '7'));
    projection.pods.upsert(pod('p2', '8'));
    projection.pods.remove(pod('p1', '12'));
    expect(projection.observe(server).version).toBe(12);
    projection.pods.replace([], 20);
    expect(projection.observe(server)).toMatchObject({ pods: [], version: 20 });
    expect(projection.serverIds()).toEqual([]);
  });

  it("knows each pod's revision by its ReplicaSet", () => {
    const owner = {
      ownerReferences: [{ kind: 'ReplicaSet', name: 'mcp-a-x' }],
    };
    projection.pods.upsert(pod('p1', '7', owner));
    projection.pods.upsert(
      pod('p2', '8', {
        ownerReferences: [{ kind: 'ReplicaSet', name: 'gone' }],
      }),
    );
    projection.replicaSets.upsert({
      metadata: meta('mcp-a-x', '6', {
        annotations: { [REVISION_ANNOTATION]: '3' },
      }),
    } as V1ReplicaSet);
    expect([...projection.observe(server).podRevisions!]).toEqual([['p1', 3]]);
  });

  it('shows no events of an earlier life of the name', () => {
    projection.deployments.upsert({
      metadata: meta('mcp-a', '5', {
        creationTimestamp: '2026-11-21T12:00:00Z',
      }),
    } as V1Deployment);
    projection.events.upsert(
      event('Pod', 'mcp-a-b-c', 'Old', '2026-11-21T11:59:59Z'),
    );
    projection.events.upsert(
      event('Pod', 'mcp-a-b-c', 'New', '2026-11-21T12:00:01Z'),
    );
    expect(projection.observe(server).events.map(one => one.reason)).toEqual([
      'New',
    ]);
    expect(changed.at(-1)).toBe('id-a');
    expect(projection.observe(server).version).toBe(90);
  });

  it('tells of what a bridge says when it is news, and a while longer as time makes a cause of it', () => {
    const report: BridgeReport = {
      version: '1',
      draining: false,
      ready: { ok: false },
      sessions: 0,
      lastExits: [],
      stderr: [],
    };
    projection.noteBridge('id-a', 'p1', { at: new Date(0), report });
    expect(changed).toEqual([]);
    projection.pods.upsert(pod('p1', '7'));
    const told = (second: number, error: string) => {
      const before = changed.length;
      projection.noteBridge('id-a', 'p1', {
        at: new Date(second * 1000),
        error,
        nothingListens: true,
      });
      return changed.length > before;
    };
    expect(told(0, 'no')).toBe(true);
    expect(told(2, 'no')).toBe(false);
    expect(told(3, 'other')).toBe(true);
    expect(told(5, 'other')).toBe(false);
    expect(told(8, 'other')).toBe(true);
    expect(told(120, 'other')).toBe(false);
    projection.pods.remove(pod('p1', '9'));
    expect(projection.observe(server).bridges.size).toBe(0);
  });
});

describe('EventIndex', () => {
  it.each([
    ['Deployment', 'mcp-a-b', 'mcp-a-b'],
    ['PodDisruptionBudget', 'mcp-a', 'mcp-a'],
    ['Service', 'mcp-a--peers', 'mcp-a'],
    ['ReplicaSet', 'mcp-a-b-5d4c', 'mcp-a-b'],
    ['Pod', 'mcp-a-b-5d4c-x2x2x', 'mcp-a-b'],
    ['Pod', 'other-5d4c-x2x2x', undefined],
    ['Pod', 'mcp-5d4c-x2x2x', undefined],
    ['ReplicaSet', 'mcp-x', undefined],
  ])('finds the server of a %s called %s', (kind, name, expected) => {
    expect(EventIndex.serverObjectOf(event(kind, name, 'R'))).toBe(expected);
  });

  it('keeps the newest of each object, and of all together', () => {
    const index = new EventIndex();
    for (let object = 0; object < 20; object += 1) {
      for (let i = 0; i < 15; i += 1) {
        const at = new Date(Date.UTC(2026, 0, 1, object, i)).toISOString();
        index.upsert(event('Pod', `mcp-a-h-${object}`, `R${i}`, at));
      }
    }
    const kept = index.of('mcp-a');
    expect(kept).toHaveLength(80);
    expect(kept[0]).toMatchObject({
      reason: 'R14',
      involvedObject: { name: 'mcp-a-h-19' },
    });
    expect(
      kept.filter(one => one.involvedObject.name === 'mcp-a-h-19'),
    ).toHaveLength(10);
    index.remove(kept[0]);
    expect(index.of('mcp-a')).toHaveLength(79);
  });

  it('knows those since a time, newest first, also when one changes after somebody looked', () => {
    const index = new EventIndex();
    const at = (minute: number) =>
      new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
    const put = (reason: string, minute: number) =>
      index.upsert(event('Pod', 'mcp-a-h-1', reason, at(minute)));
    const reasons = (since?: string) =>
      index
        .of('mcp-a', since ? Date.parse(since) : undefined)
        .map(one => one.reason);
    put('R1', 1);
    put('R3', 3);
    put('R2', 2);
    expect(reasons()).toEqual(['R3', 'R2', 'R1']);
    expect(reasons(at(2))).toEqual(['R3', 'R2']);
    put('R1', 4);
    expect(reasons()).toEqual(['R1', 'R3', 'R2']);
    expect(index.of('mcp-b')).toEqual([]);
  });
});
