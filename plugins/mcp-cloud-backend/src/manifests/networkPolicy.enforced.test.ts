import { isDeepStrictEqual } from 'node:util';
import {
  SERVER_ID_LABEL,
  type ServerSpecInput,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { KubeObject } from '../clusters/types';
import { eventually } from '../__testUtils__/eventually';
import { outsideNetwork } from '../__testUtils__/outsideNetwork';
import { testCluster, type TestCluster } from '../__testUtils__/testCluster';
import { testServer } from '../__testUtils__/testServer';
import {
  waysPod,
  type Attempt,
  type Outcome,
  type WaysPod,
} from '../__testUtils__/waysPod';
import { ADMIN_PORT, MCP_PORT, PEERS_PORT } from './names';
import { renderManifests } from './renderManifests';
import type { NetworkSettings } from './types';

jest.setTimeout(300_000);

/*
 * The ways of networkPolicy.ts on a cluster that enforces them. Not shown here:
 * - IPv6, which the embedded cluster has not.
 * - Nodes as sources, and so the API server's proxy: Cilium lets a node reach its own pods whatever a policy says.
 * - `network.sources` by address: of pods Cilium looks at labels only, and nobody else comes in but the node.
 */
const LISTED = '203.0.113.7';
const PUBLIC = '203.0.113.8';
const LINK_LOCAL = '169.254.169.254';
const PRIVATE = '10.99.0.1';
const OF_THE_CLUSTER = '198.51.100.9';
const DNS = 53;
const DATABASE = 5432;
const OTHER_PORT = 8443;

type Egress = 'internet' | 'listed' | 'none';
const PRESETS: Egress[] = ['internet', 'listed', 'none'];

interface Way extends Attempt {
  what: string;
  from: WaysPod;
  open: boolean;
}

describe('where NetworkPolicies are enforced', () => {
  let place: TestCluster;
  let elsewhere: TestCluster;
  let outside: Awaited<ReturnType<typeof outsideNetwork>>;
  let ways: Way[];

  const render = (
    name: string,
    network: ServerSpecInput['network'],
    settings: NetworkSettings,
  ) => {
    const input = testServer({ name, image: 'r.example/x:1', network });
    const policy = renderManifests(input, {
      namespace: place.namespace,
      publicKeys: [],
      allowedHosts: [],
      network: settings,
    }).find(({ kind }) => kind === 'NetworkPolicy')!;
    return { id: input.id, policy };
  };
  const look = async (): Promise<Outcome[]> => {
    const found = new Map<Way, Outcome>();
    const all = [...new Set(ways.map(({ from }) => from))].map(async from => {
      const own = ways.filter(way => way.from === from);
      const outcomes = await from.attempt(own);
      own.forEach((way, index) => found.set(way, outcomes[index]));
    });
    await Promise.all(all);
    return ways.map(way => found.get(way)!);
  };
  const inWords = (outcomes: Outcome[]) =>
    ways.map(
      ({ from, what, port, protocol }, index) =>
        `${from.name} → ${what} ${port}/${protocol}: ${outcomes[index]}`,
    );

  /** What is found once all is as expected, or in the end: a change of policies takes a moment. */
  const seen = async (expected: string[]): Promise<string[]> => {
    let found: string[] = [];
    await eventually(async () => {
      found = inWords(await look());
      return isDeepStrictEqual(found, expected);
    }, 60_000).catch(() => undefined);
    return found;
  };
  let policies: KubeObject[];
  let path: string;
  beforeAll(async () => {
    place = await testCluster('ways');
    elsewhere = await testCluster('ways-elsewhere');
    path = `/apis/networking.k8s.io/v1/namespaces/${place.namespace}/networkpolicies`;
    outside = await outsideNetwork(
      [LISTED, PUBLIC, LINK_LOCAL, PRIVATE, OF_THE_CLUSTER],
      [443, OTHER_PORT],
    );
    const settings = { clusterRanges: [`${OF_THE_CLUSTER}/32`] };
    const to = [
      { cidr: `${LISTED}/32`, ports: [443] },
      { pods: { app: 'database' }, ports: [DATABASE] },
      {
        namespace: { 'kubernetes.io/metadata.name': elsewhere.namespace },
        pods: { app: 'cache' },
        ports: [DATABASE],
      },
    ];
    const sources = [
      {
        namespace: { 'kubernetes.io/metadata.name': elsewhere.namespace },
        pods: { app: 'cache' },
      },
    ];
    const rendered = [
      ...PRESETS.map(egress => ({
        name: egress as string,
        ...render(
          egress,
          { egress, ...(egress === 'listed' && { to }) },
          settings,
        ),
      })),
      // Only what leads from outside may come in.
      { name: 'fenced', ...render('fenced', {}, { ...settings, sources }) },
    ];
    policies = rendered.map(({ policy }) => policy);

    const SERVER_PORTS = [MCP_PORT, ADMIN_PORT, PEERS_PORT, OTHER_PORT];
    const POD_PORTS = [DNS, DATABASE, OTHER_PORT, MCP_PORT];
    const ofServers = rendered.flatMap(({ name, id }) =>
      [name, `${name}-replica`].map(pod =>
        waysPod(place, pod, { [SERVER_ID_LABEL]: id }, SERVER_PORTS),
      ),
    );
    const pods = await Promise.all([
      ...ofServers,
      waysPod(place, 'client', {}, POD_PORTS),
      waysPod(place, 'database', { app: 'database' }, POD_PORTS),
      waysPod(elsewhere, 'cache', { app: 'cache' }, POD_PORTS),
      waysPod(elsewhere, 'stranger', {}, POD_PORTS),
    ]);
    const pod = (name: string) => pods.find(one => one.name === name)!;
    const [client, database, cache, stranger] = [
      'client',
      'database',
      'cache',
      'stranger',
    ].map(pod);

    const way = (
      from: WaysPod,
      target: WaysPod | string,
      port: number,
      open: boolean,
      protocol: 'TCP' | 'UDP' = 'TCP',
    ): Way => ({
      from,
      what: typeof target === 'string' ? target : target.name,
      host: typeof target === 'string' ? target : target.address,
      port,
      protocol,
      open,
    });
    const made: Way[] = [];
    for (const preset of PRESETS) {
      const server = pod(preset);
      const replica = pod(`${preset}-replica`);
      const other = pod(preset === 'none' ? 'listed' : 'none');
      const isPublic = preset === 'internet';
      const isListed = preset === 'listed';
      made.push(
        way(server, replica, PEERS_PORT, true),
        way(server, replica, MCP_PORT, false),
        way(server, stranger, DNS, true),
        way(server, stranger, DNS, true, 'UDP'),
        way(server, database, DNS, true, 'UDP'),
        way(server, stranger, OTHER_PORT, false),
        way(server, LISTED, 443, isPublic || isListed),
        way(server, LISTED, OTHER_PORT, isPublic),
        way(server, PUBLIC, 443, isPublic),
        way(server, LINK_LOCAL, 443, false),
        way(server, PRIVATE, 443, false),
        way(server, OF_THE_CLUSTER, 443, false),
        // The API server, by its Service.
        way(server, '10.96.0.1', 443, false),
        way(server, other, MCP_PORT, false),
        way(server, database, DATABASE, isListed),
        way(server, database, OTHER_PORT, false),
        way(server, cache, DATABASE, isListed),
        way(server, stranger, DATABASE, false),
        way(client, server, MCP_PORT, true),
        way(client, server, ADMIN_PORT, true),
        way(client, server, PEERS_PORT, false),
        way(client, server, OTHER_PORT, false),
        way(stranger, server, MCP_PORT, true),
        way(stranger, server, PEERS_PORT, false),
      );
    }
    const fenced = pod('fenced');
    made.push(
      way(cache, fenced, MCP_PORT, true),
      way(cache, fenced, ADMIN_PORT, true),
      way(cache, fenced, PEERS_PORT, false),
      way(client, fenced, MCP_PORT, false),
      way(stranger, fenced, MCP_PORT, false),
      way(pod('fenced-replica'), fenced, PEERS_PORT, true),
    );
    ways = made;
  });
  afterAll(async () => {
    outside?.remove();
    await Promise.all([place?.remove(), elsewhere?.remove()]);
  });

  it('every way is open without a policy', async () => {
    const allOpen = inWords(ways.map(() => 'open'));
    expect(await seen(allOpen)).toEqual(allOpen);
    expect(ways.length).toBeGreaterThan(70);
  });

  it('those of the table stay open, and no other', async () => {
    for (const policy of policies) {
      await place.api.json({ method: 'POST', path, body: policy });
    }
    const table = inWords(ways.map(({ open }) => (open ? 'open' : 'closed')));
    expect(await seen(table)).toEqual(table);
  });

  it('all are open again when the policies are gone', async () => {
    for (const { metadata } of policies) {
      await place.api.json({
        method: 'DELETE',
        path: `${path}/${metadata.name}`,
      });
    }
    const allOpen = inWords(ways.map(() => 'open'));
    expect(await seen(allOpen)).toEqual(allOpen);
  });
});
