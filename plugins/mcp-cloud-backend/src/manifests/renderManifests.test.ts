import {
  objectName,
  serverSpecSchema,
  SERVER_ID_LABEL,
  TEMPLATE_HASH_ANNOTATION,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { V1Deployment } from '@kubernetes/client-node';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { KubeObject } from '../clusters/types';
import {
  arbitraryInput,
  examplePlatform,
} from '../__testUtils__/arbitrarySpec';
import { secretName, tlsSecretName } from './names';
import { renderManifests } from './renderManifests';
import type { RenderInput } from './types';

const input: RenderInput = {
  id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  spec: serverSpecSchema.parse({
    name: 'everything',
    application: 'demo',
    environment: 'staging',
    owner: 'group:default/team-a',
    cluster: 'dev',
    image: 'registry.example/everything:1.4',
    imagePullSecrets: ['registry'],
    command: ['node', 'server.js'],
    args: ['--price', '$5'],
    workingDir: '/app',
    env: { B: '2', A: 'pa$$word' },
    secrets: ['TOKEN', 'API_KEY'],
    resources: {
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { cpu: '1', memory: '512Mi' },
    },
  }),
  revision: 3,
  replicas: 2,
  secretVersion: 7,
  restartedAt: '2026-11-21T12:00:00.000Z',
  tokensNotBefore: 1_700_000_000,
};

const deploymentOf = (objects: KubeObject[]) =>
  objects.find(
    object => object.kind === 'Deployment',
  ) as unknown as V1Deployment;
const hashOf = (one: RenderInput, platform = examplePlatform) =>
  deploymentOf(renderManifests(one, platform)).spec!.template.metadata!
    .annotations![TEMPLATE_HASH_ANNOTATION];
const podOf = (one: RenderInput, platform = examplePlatform) =>
  deploymentOf(renderManifests(one, platform)).spec!.template.spec!;
const withSpec = (spec: Partial<RenderInput['spec']>): RenderInput => ({
  ...input,
  spec: { ...input.spec, ...spec },
});

/** The same with the keys of every object in the other order, as a database may give them back. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) {
    return value.map(reversed) as T;
  }
  return typeof value === 'object' && value !== null
    ? (Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, one]) => [key, reversed(one)]),
      ) as T)
    : value;
}

/** What the kubelet makes of an argument or value; the variables do not matter, as none may be replaced. */
function expandLikeKubernetes(value: string): string {
  let result = '';
  for (let i = 0; i < value.length; i += 1) {
    if (value[i] !== '$') {
      result += value[i];
    } else if (value[i + 1] === '$') {
      result += '$';
      i += 1;
    } else if (value[i + 1] === '(' && value.indexOf(')', i) > 0) {
      result += 'REPLACED';
      i = value.indexOf(')', i);
    } else {
      result += '$';
    }
  }
  return result;
}

describe('renderManifests', () => {
  it('renders a full example', () => {
    expect(renderManifests(input, examplePlatform)).toMatchSnapshot();
  });

  it('renders the least that a server can be', () => {
    const least: RenderInput = {
      id: input.id,
      spec: serverSpecSchema.parse({
        name: 'x',
        owner: 'group:default/a',
        cluster: 'dev',
        image: 'r.example/x:1',
      }),
      revision: 1,
      replicas: 0,
      tokensNotBefore: 0,
    };
    expect(renderManifests(least, examplePlatform)).toMatchSnapshot();
  });

  it('renders a bridge beside an image', () => {
    const beside = withSpec({ bridge: { mode: 'sidecar', version: '0.2.0' } });
    expect(
      deploymentOf(renderManifests(beside, examplePlatform)).spec!.template,
    ).toMatchSnapshot();
  });

  it('pins an image, and takes its command and user beside a bridge', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const facts = { digest, command: ['run', '$(X)'], user: '1000' };
    const image = `registry.example/everything@${digest}`;
    expect(podOf({ ...input, image: facts }).containers[0]).toMatchObject({
      image,
      args: ['node', 'server.js', '--price', '$$5'],
    });

    const beside = (change: Partial<typeof facts>) =>
      podOf({
        ...withSpec({ bridge: { mode: 'sidecar' }, command: [], args: [] }),
        image: { ...facts, ...change },
      }).containers;
    const [server, bridge] = beside({});
    expect(server.image).toBe(image);
    expect(bridge.args).toEqual(['run', '$$(X)']);
    const userOf = (user: string) =>
      beside({ user })[0].securityContext!.runAsUser;
    expect(
      ['1000:50', 'node', '0', '65532', '0:0', '99999999999'].map(userOf),
    ).toEqual([1000, 65531, 65531, 65531, 65531, 65531]);
  });

  it('gives the same bytes for the same input, whatever the order of its keys', () => {
    fc.assert(
      fc.property(arbitraryInput, one => {
        const bytes = JSON.stringify(renderManifests(one, examplePlatform));
        const again: RenderInput = {
          ...one,
          spec: {
            ...reversed(one.spec),
            secrets: [...one.spec.secrets].reverse(),
          },
        };
        expect(JSON.stringify(renderManifests(again, examplePlatform))).toBe(
          bytes,
        );
      }),
    );
  });

  it('gives every object a valid name and valid labels, and marks it with the server', () => {
    fc.assert(
      fc.property(arbitraryInput, one => {
        const objects = renderManifests(one, examplePlatform);
        const names = objects.map(
          object => `${object.kind}/${object.metadata.name}`,
        );
        expect(new Set(names).size).toBe(names.length);
        for (const { metadata } of objects) {
          expect(metadata.name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])$/);
          expect(
            metadata.name === objectName(one.spec.name) ||
              metadata.name.startsWith(`${objectName(one.spec.name)}--`),
          ).toBe(true);
          expect(metadata.labels?.[SERVER_ID_LABEL]).toBe(one.id);
          for (const value of Object.values(metadata.labels ?? {})) {
            expect(value).toMatch(
              /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
            );
          }
        }
      }),
    );
  });

  it('never renders the value of a Secret, and gives secret variables references only', () => {
    fc.assert(
      fc.property(arbitraryInput, one => {
        const objects = renderManifests(one, examplePlatform);
        const secrets = objects.filter(object => object.kind === 'Secret');
        expect(secrets.map(secret => secret.metadata.name)).toEqual([
          `${objectName(one.spec.name)}--bridge`,
        ]);
        expect(Object.keys(secrets[0]).sort()).toEqual([
          'apiVersion',
          'kind',
          'metadata',
          'type',
        ]);
        const [{ env }] = deploymentOf(objects).spec!.template.spec!.containers;
        for (const name of one.spec.secrets) {
          for (const entry of env!.filter(variable => variable.name === name)) {
            expect(entry.value).toBeUndefined();
            expect(entry.valueFrom?.secretKeyRef?.name).toBe(
              `${objectName(one.spec.name)}--env-${one.secretVersion}`,
            );
          }
        }
      }),
    );
  });

  it('lets arguments and values arrive as they were written', () => {
    fc.assert(
      fc.property(arbitraryInput, one => {
        const { containers } = podOf(one);
        const [container] = containers;
        const bridge = containers.at(-1)!;
        expect((bridge.args ?? []).map(expandLikeKubernetes)).toEqual([
          ...one.spec.command,
          ...one.spec.args,
        ]);
        for (const [name, value] of Object.entries(one.spec.env)) {
          expect(
            expandLikeKubernetes(
              container.env!.find(variable => variable.name === name)!.value!,
            ),
          ).toBe(value);
        }
      }),
    );
  });

  it('never sets the entry point of the bridge', () => {
    fc.assert(
      fc.property(arbitraryInput, one => {
        expect(podOf(one).containers.at(-1)!.command).toBeUndefined();
      }),
    );
  });

  it('keeps a bridge beside an image apart from it', () => {
    fc.assert(
      fc.property(
        arbitraryInput.filter(one => one.spec.bridge.mode === 'sidecar'),
        one => {
          const { containers, volumes } = podOf(one);
          const [server, bridge] = containers;
          expect([server.name, bridge.name]).toEqual(['server', 'bridge']);
          expect(server.image).toBe(one.spec.image);
          const user = server.securityContext!.runAsUser!;
          expect(user).toBeGreaterThan(0);
          expect(user).not.toBe(bridge.securityContext!.runAsUser);
          expect(server.command).toContain(
            String(bridge.securityContext!.runAsUser),
          );
          // Nothing of the one's variables, keys or configuration reaches the other.
          const names = (container: typeof server) =>
            container.env!.map(({ name }) => name);
          expect(names(server)).toEqual([
            ...Object.keys(one.spec.env).sort(),
            ...Object.keys(one.spec.envFrom).sort(),
            ...(one.secretVersion ? [...one.spec.secrets].sort() : []),
          ]);
          expect(
            names(bridge).filter(name => !name.startsWith('MCP_BRIDGE_')),
          ).toEqual([]);
          const shared = server.volumeMounts!.filter(({ name }) =>
            bridge.volumeMounts!.some(mount => mount.name === name),
          );
          expect(shared.map(({ name }) => name)).toEqual(['socket']);
          expect(
            volumes!.find(({ name }) => name === 'socket')!.emptyDir,
          ).toBeDefined();
        },
      ),
    );
  });

  it('makes what advises on resources and what has metrics collected only when asked', () => {
    const kinds = (one: RenderInput, platform = examplePlatform) =>
      renderManifests(one, platform).filter(({ kind }) =>
        ['VerticalPodAutoscaler', 'PodMonitor'].includes(kind),
      );
    expect(kinds(input)).toEqual([]);
    const every = {
      ...examplePlatform,
      podMonitor: { everyServer: true, labels: { release: 'prometheus' } },
    };
    expect(kinds(withSpec({ podMonitor: false }), every)).toEqual([]);
    expect(kinds(input, every)[0].metadata.labels).toMatchObject({
      release: 'prometheus',
      [SERVER_ID_LABEL]: input.id,
    });
    expect(
      kinds(
        withSpec({
          podMonitor: true,
          verticalScaling: { mode: 'initial', max: { memory: '1Gi' } },
        }),
      ),
    ).toMatchSnapshot();
  });

  it.each(['baked', 'sidecar'] as const)(
    'puts a bridge before a server that speaks HTTP: %s',
    mode => {
      const { containers } = podOf(
        withSpec({
          bridge: { mode },
          transport: { type: 'http', port: 3000, path: '/mcp' },
        }),
      );
      const bridge = containers.at(-1)!;
      expect(bridge.env).toContainEqual({
        name: 'MCP_BRIDGE_UPSTREAM',
        value: 'http://127.0.0.1:3000/mcp',
      });
      expect(bridge.args).toContain('server.js');
    },
  );

  it('takes the version of the bridge that a Spec asks for', () => {
    const imageOf = (bridgeImage: string, version?: string) =>
      podOf(withSpec({ bridge: { mode: 'sidecar', version } }), {
        ...examplePlatform,
        bridgeImage,
      }).containers[1].image;
    expect(imageOf('h:5000/b:1')).toBe('h:5000/b:1');
    expect(imageOf('h:5000/b:1', '2')).toBe('h:5000/b:2');
    expect(imageOf('h:5000/b', '2')).toBe('h:5000/b:2');
    expect(imageOf(`h/b:1@sha256:${'a'.repeat(64)}`, '2')).toBe('h/b:2');
  });

  it('rolls pods for what they are made of, and for nothing else', () => {
    const before = hashOf(input);
    expect(
      hashOf({
        ...input,
        revision: 4,
        replicas: 5,
        tokensNotBefore: 1_800_000_000,
      }),
    ).toBe(before);
    expect(
      hashOf(
        withSpec({
          owner: 'group:default/b',
          handshake: 'bridge-only',
          catalogRef: 'component:x',
        }),
      ),
    ).toBe(before);
    expect(
      hashOf(input, { ...examplePlatform, publicKeys: [], allowedHosts: [] }),
    ).toBe(before);

    expect(
      hashOf({ ...input, restartedAt: '2026-11-21T12:00:01.000Z' }),
    ).not.toBe(before);
    expect(hashOf({ ...input, secretVersion: 8 })).not.toBe(before);
    expect(
      hashOf(withSpec({ image: 'registry.example/everything:1.5' })),
    ).not.toBe(before);
    expect(hashOf(withSpec({ env: { A: '1' } }))).not.toBe(before);
  });

  it('lays files into the server’s container alone, and rolls pods when they change', () => {
    const files = { '/app/b.json': '{}', '/app/a.txt': 'a' };
    const one = withSpec({ files, bridge: { mode: 'sidecar' } });
    const objects = renderManifests(one, examplePlatform);
    expect(
      objects.find(({ metadata }) => metadata.name.endsWith('--files'))?.data,
    ).toEqual({ 'file-0': 'a', 'file-1': '{}' });
    const [server, bridge] = podOf(one).containers;
    const mounts = (container: typeof server) =>
      container.volumeMounts!.filter(({ name }) => name === 'files');
    expect(mounts(server)).toEqual([
      {
        name: 'files',
        mountPath: '/app/a.txt',
        subPath: 'file-0',
        readOnly: true,
      },
      {
        name: 'files',
        mountPath: '/app/b.json',
        subPath: 'file-1',
        readOnly: true,
      },
    ]);
    expect(mounts(bridge)).toEqual([]);
    expect(
      hashOf(withSpec({ files: { ...files, '/app/a.txt': 'b' } })),
    ).not.toBe(hashOf(withSpec({ files })));
  });

  it('takes variables, volumes and the account from elsewhere by reference', () => {
    const pod = podOf(
      withSpec({
        envFrom: { TOKEN_2: { secret: 'team', key: 'token' } },
        volumes: {
          tmp: { path: '/tmp', emptyDir: { size: '1Gi' } },
          data: { path: '/data', claim: 'team-data' },
        },
        serviceAccount: 'team',
      }),
    );
    expect(pod.serviceAccountName).toBe('team');
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext!.fsGroup).toBe(65532);
    expect(pod.containers[0].env).toContainEqual({
      name: 'TOKEN_2',
      valueFrom: { secretKeyRef: { name: 'team', key: 'token' } },
    });
    expect(pod.volumes!.filter(({ name }) => /tmp|data/.test(name))).toEqual([
      {
        name: 'volume-data',
        persistentVolumeClaim: { claimName: 'team-data' },
      },
      { name: 'volume-tmp', emptyDir: { sizeLimit: '1Gi' } },
    ]);
    const kinds = renderManifests(
      withSpec({ serviceAccount: 'team' }),
      examplePlatform,
    ).map(({ kind }) => kind);
    expect(kinds).not.toContain('ServiceAccount');
  });

  it('never gives two servers an object of the same kind and name', () => {
    const keysOf = (one: RenderInput) => [
      ...renderManifests(one, examplePlatform).map(
        ({ kind, metadata }) => `${kind}/${metadata.name}`,
      ),
      // Made besides: by the secret store, and by cert-manager.
      `Secret/${secretName(one.spec.name, one.secretVersion ?? 1)}`,
      `Secret/${tlsSecretName(one.spec.name)}`,
    ];
    const part = fc.constantFrom(
      'a',
      'b',
      'peers',
      'files',
      'tls',
      'env-1',
      'x-1',
    );
    const name = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map(parts => parts.join('-'));
    fc.assert(
      fc.property(arbitraryInput, arbitraryInput, name, name, (a, b, x, y) => {
        fc.pre(x !== y);
        const [one, other] = [
          { ...a, spec: { ...a.spec, name: x } },
          { ...b, spec: { ...b.spec, name: y } },
        ].map(keysOf);
        expect(one.filter(key => other.includes(key))).toEqual([]);
      }),
    );
  });

  it('never lets labels of the Spec take the place of ours', () => {
    fc.assert(
      fc.property(arbitraryInput, one => {
        for (const { metadata } of renderManifests(one, examplePlatform)) {
          expect(metadata.labels).toMatchObject({
            ...one.spec.labels,
            'app.kubernetes.io/managed-by': 'mcp-cloud',
            [SERVER_ID_LABEL]: one.id,
          });
        }
      }),
    );
  });

  it('writes a bridge configuration that bounds children by memory', () => {
    const configOf = (memory: string) => {
      const one = withSpec({
        resources: {
          requests: { cpu: '10m', memory: '10Mi' },
          limits: { memory },
        },
      });
      const map = renderManifests(one, examplePlatform).find(
        object => object.kind === 'ConfigMap',
      )!;
      return parse((map.data as Record<string, string>)['bridge.yaml']);
    };
    expect(configOf('1Gi').limits).toMatchObject({
      maxChildren: 10,
      maxSessions: 9,
    });
    expect(configOf('64Mi').limits).toMatchObject({
      maxChildren: 2,
      maxSessions: 1,
    });
    const config = configOf('512Mi');
    expect(config.peers).toEqual({
      service: 'mcp-everything--peers',
      port: 8081,
    });
    expect(config.auth).toEqual({
      mode: 'platform',
      audience: input.id,
      keys: examplePlatform.publicKeys,
      notBefore: 1_700_000_000,
    });
    expect(config.allowedHosts).toEqual([
      'mcp-everything',
      'mcp-everything.mcp-servers',
      'mcp-everything.mcp-servers.svc',
      'mcp-everything.mcp-servers.svc.cluster.local',
      'localhost',
      '127.0.0.1',
      '[::1]',
      'portal.example',
    ]);
  });
});
