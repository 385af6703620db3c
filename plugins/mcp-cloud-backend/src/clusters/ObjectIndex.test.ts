import { ObjectIndex } from './ObjectIndex';
import type { KubeObject } from './types';

const object = (
  name: string,
  serverId: string | undefined,
  metadata: Partial<KubeObject['metadata']> = {},
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name,
    namespace: 'ns',
    uid: name,
    generation: 1,
    labels: serverId ? { 'mcp-cloud.io/server': serverId } : {},
    ...metadata,
  },
});

function anIndex() {
  const written: string[] = [];
  const index = new ObjectIndex(id => written.push(id));
  const sink = index.sink({ kind: 'Deployment' });
  return {
    sink,
    index,
    /** Ids that were told since the last look. */
    told: () => written.splice(0),
  };
}

const entry = (subresource: string | undefined, time: string) => ({
  manager: 'm',
  operation: 'Update',
  subresource,
  time: time as unknown as Date,
});

describe('ObjectIndex', () => {
  it('tells of what is new, written or gone, and not of status', () => {
    const { sink, told } = anIndex();
    sink.replace([object('one', 'a'), object('two', 'b')], 1);
    expect(told()).toEqual(['a', 'b']);
    sink.upsert(object('one', 'a', { resourceVersion: '7' }));
    sink.upsert(object('one', 'a', { managedFields: [entry('status', '1')] }));
    expect(told()).toEqual([]);
    sink.upsert(object('one', 'a', { generation: 2 }));
    sink.upsert(object('one', 'a', { generation: 2, annotations: { x: 'y' } }));
    expect(told()).toEqual(['a', 'a']);
    sink.remove(object('two', 'b'));
    sink.remove(object('two', 'b'));
    expect(told()).toEqual(['b']);
    sink.replace([], 9);
    expect(told()).toEqual(['a']);
  });

  it('goes by the version where there is no generation', () => {
    const { sink, told } = anIndex();
    const config = (resourceVersion: string) =>
      object('c', 'a', { generation: undefined, resourceVersion });
    sink.upsert(config('1'));
    sink.upsert(config('2'));
    sink.upsert(config('2'));
    expect(told()).toEqual(['a', 'a']);
  });

  it('tells the server whose label was taken away, and lists objects by server', () => {
    const { sink, index, told } = anIndex();
    sink.upsert(object('one', 'a'));
    sink.upsert(object('two', 'a'));
    told();
    sink.upsert(object('one', undefined));
    expect(told()).toEqual(['a']);
    sink.upsert(object('two', 'b'));
    expect(told()).toEqual(['a', 'b']);
    expect([...index.byServer()]).toEqual([
      [
        'b',
        [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            namespace: 'ns',
            name: 'two',
          },
        ],
      ],
    ]);
  });
});
