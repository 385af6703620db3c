import fc from 'fast-check';
import {
  createServerRequestSchema,
  createTokenRequestSchema,
} from '../requests';
import { applicationOf, imageSchema, serverSpecSchema } from '.';

const minimal = {
  name: 'tools',
  owner: 'group:default/team-a',
  cluster: 'dev',
  image: 'r.example.com/tools:1',
};
const problems = (spec: object) => {
  const result = serverSpecSchema.safeParse({ ...minimal, ...spec });
  return result.success
    ? []
    : result.error.issues.map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      );
};

describe('serverSpecSchema', () => {
  it('fills in what has a default', () => {
    expect(serverSpecSchema.parse(minimal)).toEqual({
      ...minimal,
      apiVersion: 'mcp-cloud.io/v1',
      environment: 'default',
      imagePullSecrets: [],
      envFrom: {},
      files: {},
      volumes: {},
      labels: {},
      placement: {},
      probes: {},
      service: { type: 'ClusterIP' },
      network: { egress: 'internet', to: [] },
      command: [],
      args: [],
      env: {},
      secrets: [],
      resources: {
        requests: { cpu: '50m', memory: '128Mi' },
        limits: { memory: '512Mi' },
      },
      transport: { type: 'stdio' },
      bridge: { mode: 'baked' },
      handshake: 'full',
      auth: 'platform',
      isolation: 'session',
      era: 'auto',
      limits: {},
      tools: {},
      headerEnv: {},
      allowedOrigins: [],
      logLevel: 'info',
    });
  });

  it('parses its own output to the same', () => {
    const spec = serverSpecSchema.parse({
      ...minimal,
      env: { A: '1' },
      secrets: ['B'],
      command: ['x'],
      args: ['y'],
    });
    expect(serverSpecSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(
      spec,
    );
  });

  it.each([
    [{ typo: 1 }, /Unrecognized key/],
    [{ owner: '' }, /The owner is missing/],
    [{ env: { 'A-B': '' } }, /A variable name has letters/],
    [{ env: { MCP_BRIDGE_PORT: '1' } }, /belong to the bridge/],
    [{ env: { A: 'x'.repeat(32_769) } }, /at most 32,768 characters/],
    [
      { env: { A: '' }, secrets: ['A'] },
      /among the variables and among the secrets/,
    ],
    [{ secrets: ['A', 'A'] }, /named twice/],
    [{ args: ['x'] }, /Arguments need a command/],
    [{ runAsUser: 0 }, /must not run as root/],
    [{ workingDir: 'app' }, /absolute path/],
    [{ transport: { type: 'http', port: 80 } }, /transport\.port/],
    [{ transport: { type: 'http', port: 8080 } }, /The bridge has 8080/],
    [
      { transport: { type: 'http', port: 3000, path: 'http://a' } },
      /A path is written/,
    ],
    [
      {
        resources: {
          requests: { cpu: 'much', memory: '1Gi' },
          limits: { memory: '1Gi' },
        },
      },
      /Kubernetes quantity/,
    ],
    [{ apiVersion: 'mcp-cloud.io/v2' }, /apiVersion/],
    [{ envFrom: { A: { key: 'k' } } }, /secret or a configMap/],
    [{ envFrom: { A: { secret: 's', configMap: 'c', key: 'k' } } }, /not both/],
    [{ envFrom: { A: { secret: '../s', key: 'k' } } }, /name of a Secret/],
    [{ envFrom: { A: { secret: 's', key: 'a/b' } } }, /A key has letters/],
    [{ env: { A: '' }, envFrom: { A: { secret: 's', key: 'k' } } }, /Keep one/],
    [{ files: { 'a.txt': '' } }, /absolute path/],
    [{ files: { '/': '' } }, /something below/],
    [{ files: { '/a/../etc/passwd': '' } }, /without/],
    [{ files: { '/a/': '' } }, /end in/],
    [{ files: { '/a//b': '' } }, /without/],
    [{ files: { '/a:b': '' } }, /no colon/],
    [{ files: { '/a\nb': '' } }, /control characters/],
    [{ files: { '/etc/mcp-cloud/bridge.yaml': '' } }, /Nothing may lie/],
    [{ files: { '/proc/1/mem': '' } }, /Nothing may lie/],
    [{ files: { '/etc': '' } }, /Nothing may lie/],
    [{ files: { '/a': 'x'.repeat(900_001) } }, /at most 900,000 bytes/],
    [{ files: { '/a': '', '/a/b': '' } }, /in its way/],
    [
      { files: { '/a': '' }, volumes: { v: { path: '/a', claim: 'c' } } },
      /Something else lies/,
    ],
    [{ volumes: { v: { path: '/a' } } }, /emptyDir or a claim/],
    [{ volumes: { V: { path: '/a', claim: 'c' } } }, /A volume is named/],
    [{ volumes: { v: { path: '/opt', claim: 'c' } } }, /Nothing may lie/],
    [{ volumes: { v: { path: '/a', claim: 'a/b' } } }, /name of a Persistent/],
    [
      { volumes: { v: { path: '/a', emptyDir: { size: 'big' } } } },
      /Kubernetes quantity/,
    ],
    [{ serviceAccount: 'A b' }, /name of a ServiceAccount/],
    [{ labels: { 'mcp-cloud.io/server': 'x' } }, /belong to the platform/],
    [{ labels: { 'app.kubernetes.io/name': 'x' } }, /belong to the platform/],
    [{ labels: { 'backstage.io/kubernetes-id': 'x' } }, /belong to the/],
    [{ labels: { 'a.b.mcp-cloud.io/x': 'x' } }, /belong to the platform/],
    [{ labels: { 'pod-template-hash': 'x' } }, /belong to the platform/],
    [{ labels: { 'a b': 'x' } }, /A label is written/],
    [{ labels: { a: 'x\ny: z' } }, /value of a label/],
    [{ placement: { zones: [''] } }, /A zone has a name/],
    [{ placement: { tolerations: [{}] } }, /tolerations\.0\.key/],
    [
      {
        placement: {
          tolerations: [{ key: 'node-role.kubernetes.io/control-plane' }],
        },
      },
      /do not tolerate/,
    ],
    [{ probes: { liveness: { periodSeconds: 0 } } }, /at least 1/],
    [{ workingDir: '/a\nb' }, /control characters/],
    [{ scaling: { min: 3, max: 2 } }, /scaling\.max: The most/],
    [{ scaling: { min: 0, max: 2 } }, /To have no pods, stop/],
    [{ scaling: { min: 1, max: 2, targets: {} } }, /needs a target/],
    [
      {
        scaling: { min: 1, max: 2 },
        verticalScaling: { mode: 'initial' },
      },
      /verticalScaling\.mode: .*Use recommend/,
    ],
    [{ verticalScaling: { max: { cpu: 'much' } } }, /Kubernetes quantity/],
    [{ podMonitor: 'yes' }, /podMonitor/],
    [{ service: { type: 'LoadBalancer' } }, /needs the host/],
    [{ service: { type: 'NodePort' } }, /service\.type/],
    [
      { exposure: { via: 'ingress', host: '*.a.example' } },
      /A host is written/,
    ],
    [{ exposure: { via: 'ingress', host: 'a.example:80' } }, /A host is/],
    [{ exposure: { via: 'ingress', host: 'a.example\n' } }, /A host is/],
    [{ exposure: { via: 'ingress', host: 'localhost' } }, /A host is written/],
    [
      { exposure: { via: 'ingress', host: 'a.example', path: '/x' } },
      /cannot rewrite paths/,
    ],
    [
      { exposure: { via: 'httpRoute', host: 'a.example', path: '/a/../b' } },
      /A path is written/,
    ],
    [
      {
        exposure: {
          via: 'httpRoute',
          host: 'a.example',
          tls: { certManager: true },
        },
      },
      /certificate of its gateway/,
    ],
    [
      { exposure: { via: 'ingress', host: 'a.example', tls: {} } },
      /and not both/,
    ],
    [
      { auth: 'none', exposure: { via: 'ingress', host: 'a.example' } },
      /never open to everybody/,
    ],
    [
      { auth: 'none', service: { type: 'LoadBalancer', host: 'a.example' } },
      /never open to everybody/,
    ],
    [
      { network: { egress: 'none', to: [{ cidr: '1.1.1.1/32' }] } },
      /Use listed/,
    ],
    [{ network: { to: [{}] } }, /Name a cidr/],
    [{ network: { to: [{ cidr: 'all' }] } }, /A range is written/],
    [{ network: { to: [{ cidr: '1.1.1.1/32', ports: [0] }] } }, /A port is/],
    [{ network: { to: [{ pods: {} }] } }, /A selector has/],
    [{ auth: 'jwt' }, /needs jwt, with the issuer/],
    [
      { jwt: { issuer: 'https://a.example', audience: 'https://b.example' } },
      /only counts with auth: jwt/,
    ],
    [
      {
        auth: 'jwt',
        jwt: { issuer: 'http://a.example', audience: 'https://b.example' },
      },
      /jwt\.issuer: .*https/,
    ],
    [{ limits: { maxBody: '4' } }, /limits\.maxBody: A size/],
    [{ limits: { maxBody: '65MB' } }, /64MB at most/],
    [{ limits: { maxLine: '0.0MB' } }, /more than nothing/],
    [{ limits: { callTimeout: '0s' } }, /longer than nothing/],
    [{ limits: { callTimeout: '5 minutes' } }, /A duration/],
    [{ limits: { maxSessions: 0 } }, /at least 1/],
    [{ limits: { maxFun: 1 } }, /Unrecognized key/],
    [{ limits: { rate: 0 } }, /more than 0/],
    [{ tools: { rules: [{ tools: [] }] } }, /at least one tool/],
    [{ headerEnv: { Authorization: 'A' } }, /needs this header for itself/],
    [{ headerEnv: { 'x y': 'A' } }, /not the name of a header/],
    [{ headerEnv: { 'x-key': 'MCP_BRIDGE_X' } }, /belong to the bridge/],
    [{ allowedOrigins: ['app.example'] }, /An origin/],
    [{ env: { A: 'a\0b' } }, /NUL/],
    [{ command: ['a\0b'] }, /NUL/],
  ])('refuses %j', (change, message) => {
    expect(problems(change).join('\n')).toMatch(message);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), value => {
        expect(() => serverSpecSchema.safeParse(value)).not.toThrow();
        const strange = { ...minimal, env: value, command: value };
        expect(() => serverSpecSchema.safeParse(strange)).not.toThrow();
      }),
    );
  });
});

describe('imageSchema', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  it.each([
    'tools',
    'tools:latest',
    'team/tools:1.4',
    'localhost/tools',
    '127.0.0.1:5001/team/tools:1.4',
    `r.example.com/a/b_c/d-e@${digest}`,
    `r.example.com:5000/a:1@${digest}`,
  ])('takes %s', image =>
    expect(imageSchema.safeParse(image).success).toBe(true),
  );

  it.each([
    '',
    'Tools',
    'a b',
    'https://r.example.com/a',
    'a:',
    'a@sha256:abc',
    'a/',
    '-a',
    'a:b:c',
    '--help',
    'a\nb',
  ])('refuses %p', image =>
    expect(imageSchema.safeParse(image).success).toBe(false),
  );

  it.each(['a-', 'a.', 'a/', 'a_', 'a:', 'a@'])(
    'comes to an end with very many of %p',
    piece =>
      expect(imageSchema.safeParse(`${piece.repeat(200_000)}!`).success).toBe(
        false,
      ),
  );
});

describe('requests', () => {
  it('have one replica and an hour by default', () => {
    expect(createServerRequestSchema.parse({ spec: minimal }).replicas).toBe(1);
    expect(createTokenRequestSchema.parse({}).expiresInSeconds).toBe(3600);
  });

  it.each([0, -1, 1.5, 10_001, '3'])('refuse %p replicas', replicas => {
    expect(
      createServerRequestSchema.safeParse({ spec: minimal, replicas }).success,
    ).toBe(false);
  });

  it.each([9, 12 * 3600 + 1])(
    'refuse tokens of %d seconds',
    expiresInSeconds => {
      expect(
        createTokenRequestSchema.safeParse({ expiresInSeconds }).success,
      ).toBe(false);
    },
  );
});

describe('applicationOf', () => {
  it('is the server itself unless it is named', () => {
    expect(applicationOf({ name: 'a' })).toBe('a');
    expect(applicationOf({ name: 'a-dev', application: 'a' })).toBe('a');
  });
});
