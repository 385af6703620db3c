import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { readClusters } from './readClusters';

describe('readClusters', () => {
  let directory: string;
  let kubeconfig: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'clusters-'));
    kubeconfig = join(directory, 'config');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [
          { name: 'one', cluster: { server: 'https://one.example' } },
          { name: 'two', cluster: { server: 'https://two.example' } },
        ],
        users: [{ name: 'me', user: { token: 't' } }],
        contexts: [
          { name: 'first', context: { cluster: 'one', user: 'me' } },
          { name: 'second', context: { cluster: 'two', user: 'me' } },
        ],
        'current-context': 'first',
      }),
    );
    writeFileSync(join(directory, 'broken'), 'clusters: [');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const read = (...clusters: object[]) =>
    readClusters(
      new ConfigReader({ mcpCloud: { clusters: clusters as never[] } }),
    );

  it('reads each way in', async () => {
    const clusters = await read(
      { name: 'a', kubeconfig },
      {
        name: 'b',
        title: 'Bee',
        namespace: 'tools',
        kubeconfig,
        context: 'second',
      },
      { name: 'c', url: 'https://c.example', token: 'secret', caData: 'YQ==' },
    ).getClusters();
    expect(
      clusters.map(({ name, title, namespace, kubeConfig }) => [
        name,
        title,
        namespace,
        kubeConfig.getCurrentCluster()?.server,
      ]),
    ).toEqual([
      ['a', undefined, 'mcp-servers', 'https://one.example'],
      ['b', 'Bee', 'tools', 'https://two.example'],
      ['c', undefined, 'mcp-servers', 'https://c.example'],
    ]);
  });

  it('reads how the namespaces of owners are made', async () => {
    const way = { url: 'https://c.example', token: 't' };
    const [one, other, shared] = await read(
      { name: 'a', ...way, namespaces: { strategy: 'perOwner' } },
      {
        name: 'b',
        ...way,
        namespaces: {
          strategy: 'perOwner',
          prefix: 'tools-',
          clusterRole: 'tools',
          quota: { pods: 5 },
          limitRange: { max: { memory: '1Gi' } },
        },
      },
      { name: 'c', ...way, namespaces: { strategy: 'shared' } },
    ).getClusters();
    expect(one.ownerNamespaces).toMatchObject({
      prefix: 'mcp-owner-',
      clusterRole: 'mcp-cloud-servers',
      quota: { pods: '50' },
      limitRange: { default: { memory: '512Mi' } },
      defaultDeny: true,
    });
    expect(other.ownerNamespaces).toEqual({
      prefix: 'tools-',
      clusterRole: 'tools',
      quota: { pods: '5' },
      limitRange: { max: { memory: '1Gi' } },
      defaultDeny: true,
    });
    expect(shared.ownerNamespaces).toBeUndefined();
  });

  it('makes no policy in them where the platform makes none', async () => {
    const [cluster] = await readClusters(
      new ConfigReader({
        mcpCloud: {
          clusters: [
            {
              name: 'a',
              url: 'https://c.example',
              token: 't',
              namespaces: { strategy: 'perOwner' },
            },
          ],
          servers: { without: ['NetworkPolicy'] },
        },
      }),
    ).getClusters();
    expect(cluster.ownerNamespaces?.defaultDeny).toBe(false);
  });

  it('has none when none is configured', async () => {
    await expect(
      readClusters(new ConfigReader({})).getClusters(),
    ).resolves.toEqual([]);
  });

  it.each<
    [
      string,
      (files: { kubeconfig: string; directory: string }) => object,
      RegExp,
    ]
  >([
    [
      'a name that is none',
      () => ({ name: 'A b', inCluster: true }),
      /clusters\[0\]\.name is "A b"/,
    ],
    [
      'a namespace that is none',
      () => ({ name: 'a', namespace: 'X', inCluster: true }),
      /namespace is "X"/,
    ],
    ...(
      [
        [
          { strategy: 'each' },
          /clusters\[0\]\.namespaces\.strategy: .*'shared' \|/,
        ],
        [
          { strategy: 'perOwner', prefix: 'x' },
          /namespaces\.prefix: .*hyphen at the end/,
        ],
        [
          { strategy: 'perOwner', quota: { pods: 'many' } },
          /quota\.pods: Write a quantity/,
        ],
        [
          { strategy: 'perOwner', prefix: 'mcp-' },
          /namespace is "mcp-servers", which is called like/,
        ],
        [{ strategy: 'perOwner', kind: 1 }, /namespaces: .*kind/],
      ] as const
    ).map(([namespaces, words]): [string, () => object, RegExp] => [
      `namespaces ${JSON.stringify(namespaces)}`,
      () => ({ name: 'a', namespaces, inCluster: true }),
      words,
    ]),
    ['no way in', () => ({ name: 'a' }), /exactly one of .* it has none/],
    [
      'two ways in',
      files => ({ name: 'a', kubeconfig: files.kubeconfig, url: 'https://x' }),
      /it has kubeconfig and url/,
    ],
    [
      'a file that is not there',
      files => ({ name: 'a', kubeconfig: `${files.directory}/nowhere` }),
      /there is no file .*nowhere/,
    ],
    [
      'a file that is no kubeconfig',
      files => ({ name: 'a', kubeconfig: `${files.directory}/broken` }),
      /could not be read as a kubeconfig/,
    ],
    [
      'a context that is not there',
      files => ({ name: 'a', kubeconfig: files.kubeconfig, context: 'third' }),
      /no context third, only first, second/,
    ],
    [
      'a token over plain HTTP',
      () => ({ name: 'a', url: 'http://x', token: 't' }),
      /must begin with https/,
    ],
    [
      'an address that is none',
      () => ({ name: 'a', url: 'x y', token: 't' }),
      /is not an address/,
    ],
    ['a URL without a token', () => ({ name: 'a', url: 'https://x' }), /token/],
    [
      'two CAs',
      () => ({
        name: 'a',
        url: 'https://x',
        token: 't',
        caData: 'a',
        caFile: 'b',
      }),
      /Keep one/,
    ],
    [
      'a pod that is none',
      () => ({ name: 'a', inCluster: true }),
      /does not run in a Kubernetes pod/,
    ],
  ])('refuses %s in words', (_what, entry, expected) => {
    const inside = process.env.KUBERNETES_SERVICE_HOST;
    delete process.env.KUBERNETES_SERVICE_HOST;
    try {
      expect(() => read(entry({ kubeconfig, directory }))).toThrow(expected);
    } finally {
      if (inside !== undefined) {
        process.env.KUBERNETES_SERVICE_HOST = inside;
      }
    }
  });
});
