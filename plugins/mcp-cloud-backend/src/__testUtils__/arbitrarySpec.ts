import {
  serverNameProblem,
  serverSpecSchema,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import fc from 'fast-check';
import type { PlatformSettings, RenderInput } from '../manifests/types';

/** Generators of valid input for tests of what is rendered. */
const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const envName = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/)
  .filter(name => !name.startsWith('MCP_BRIDGE_') && name !== '__proto__');
// NUL cannot stand in an environment, and the API server takes no lone surrogates.
const text = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .filter(value => !value.includes('\0'));
const tricky = fc.oneof(
  text,
  fc.constantFrom(
    '$(HOME)',
    '$$',
    'pa$$word',
    '$',
    '$(',
    '$$(X)',
    ' ',
    '"\n\t',
    '---',
    '{{ }}',
    '#',
  ),
);

const optional = <T>(value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined });
const duration = fc.constantFrom('500ms', '30s', '1h30m', '2d');
const size = fc.constantFrom('1B', '512kB', '4MB', '1.5MiB');
const count = fc.integer({ min: 1, max: 1_000 });
const word = fc.string({ minLength: 1, maxLength: 20 });
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });

/** What owners set of the bridge. */
const bridgeOptions = fc.record({
  isolation: fc.constantFrom('session', 'shared'),
  era: fc.constantFrom('auto', 'legacy', 'modern'),
  auth: fc.constantFrom(
    { auth: 'platform' },
    { auth: 'keys' },
    { auth: 'none' },
    {
      auth: 'jwt',
      jwt: {
        issuer: 'https://issuer.example',
        audience: 'https://tools.example/mcp',
        jwksUri: 'https://issuer.example/keys',
        scopes: ['tools', 'a b'],
        clockTolerance: '10s',
      },
    },
    {
      auth: 'jwt',
      jwt: { issuer: 'https://a.example', audience: 'https://b.example' },
    },
  ),
  limits: fc.record(
    {
      maxSessions: count,
      maxChildren: count,
      maxPending: count,
      maxBody: size,
      maxLine: size,
      maxQueue: size,
      maxReplay: size,
      sessionIdle: duration,
      reclaimAfter: duration,
      callTimeout: duration,
      poolSize: count,
      inputTimeout: duration,
      rate: fc.constantFrom(0.5, 10, 1_000),
      burst: count,
      keepAlive: duration,
    },
    { requiredKeys: [] },
  ),
  tools: fc.record(
    {
      default: fc.constantFrom('allow', 'deny'),
      rules: fc.array(
        fc.record(
          {
            tools: words,
            scopes: words,
            claims: fc.dictionary(
              word.filter(name => name !== '__proto__'),
              fc.oneof(word, words),
              { maxKeys: 3 },
            ),
            keys: words,
          },
          { requiredKeys: ['tools'] },
        ),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  ),
  headerEnv: fc.constantFrom({}, { 'X-Api-Key': 'API_KEY', 'x-user': 'WHO' }),
  allowedOrigins: fc.constantFrom(
    [],
    ['*'],
    ['https://app.example', 'http://localhost:3000'],
  ),
  logLevel: fc.constantFrom('trace', 'info', 'silent'),
  handshakeTimeout: optional(duration),
  stopGrace: optional(duration),
});

const labelText = fc.stringMatching(
  /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?$/,
);
const timing = fc.record(
  {
    periodSeconds: fc.integer({ min: 1, max: 300 }),
    timeoutSeconds: fc.integer({ min: 1, max: 60 }),
    failureThreshold: fc.integer({ min: 1, max: 3_600 }),
  },
  { requiredKeys: [] },
);
const spread = fc.constantFrom('prefer', 'require', 'off');

/** What owners set of the pods, besides what is in the image. */
const podOptions = fc.record({
  envFrom: fc.constantFrom(
    {},
    {
      FROM_SECRET: { secret: 'team-secret', key: 'a.b' },
      FROM_MAP: { configMap: 'team-map', key: '.x' },
    },
  ),
  files: fc.dictionary(
    fc.constantFrom('/app/a.json', '/srv/my file', '/tmp/x', '/it\'s/"q" #&*'),
    tricky,
    { maxKeys: 3 },
  ),
  volumes: fc.constantFrom(
    {},
    { scratch: { path: '/scratch', emptyDir: { size: '10Mi' } } },
    {
      tmp: { path: '/tmp', emptyDir: { size: '64Mi', memory: true } },
      data: { path: '/data', claim: 'team-data', readOnly: true },
    },
  ),
  scaling: optional(
    fc.record({
      min: fc.integer({ min: 1, max: 5 }),
      max: fc.integer({ min: 5, max: 50 }),
      targets: fc.constantFrom(
        { cpu: 80 },
        { memory: 70 },
        { cpu: 1, memory: 1_000 },
      ),
    }),
  ),
  serviceAccount: optional(fc.constant('team-account')),
  labels: fc.dictionary(
    fc.oneof(
      labelText.filter(
        name => name !== 'pod-template-hash' && name !== '__proto__',
      ),
      labelText.map(name => `team.example/${name}`),
    ),
    fc.oneof(labelText, fc.constant('')),
    { maxKeys: 3 },
  ),
  placement: fc.record(
    {
      zones: fc.uniqueArray(labelText, { minLength: 1, maxLength: 3 }),
      nodeSelector: fc.dictionary(
        labelText.filter(name => name !== '__proto__'),
        labelText,
        { maxKeys: 2 },
      ),
      tolerations: fc.array(
        fc.oneof(
          fc.record({
            key: labelText,
            operator: fc.constant('Exists'),
            effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule'),
          }),
          fc.record({
            key: labelText,
            value: labelText,
            effect: fc.constant('NoExecute'),
            tolerationSeconds: fc.integer({ min: 0, max: 3_600 }),
          }),
        ),
        { maxLength: 2 },
      ),
      spreadHosts: spread,
      spreadZones: spread,
    },
    { requiredKeys: [] },
  ),
  probes: fc.record(
    { startup: timing, readiness: timing, liveness: timing },
    { requiredKeys: [] },
  ),
});

/** How servers are reached, and what they reach. */
const reachOptions = fc.record({
  service: fc.constantFrom(undefined, {
    type: 'LoadBalancer',
    host: 'tools.example.com',
  }),
  exposure: fc.constantFrom(
    undefined,
    { via: 'ingress', host: 'a.example.com' },
    { via: 'ingress', host: 'a.example.com', tls: { secret: 'team-tls' } },
    { via: 'ingress', host: 'a.example.com', tls: { certManager: true } },
  ),
  network: fc.constantFrom(
    undefined,
    { egress: 'none' },
    {
      egress: 'listed',
      to: [
        { cidr: '203.0.113.0/24', ports: [443, 8443] },
        { cidr: '2001:db8::/32' },
        { pods: { app: 'database' }, ports: [5432] },
        { namespace: { team: 'a' }, pods: { app: 'cache' } },
      ],
    },
  ),
});

const arbitrarySpec: fc.Arbitrary<ServerSpec> = fc
  .record({
    name: fc
      .stringMatching(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/)
      .filter(name => !serverNameProblem(name)),
    application: fc.option(label, { nil: undefined }),
    environment: label,
    image: fc.constantFrom(
      'registry.example/team/server:1.4',
      `127.0.0.1:5001/a/b@sha256:${'a'.repeat(64)}`,
      'busybox',
      `host.example/x:${'v'.repeat(120)}`,
      'r.example/x:_-.',
    ),
    imagePullSecrets: fc.array(label, { maxLength: 3 }),
    command: fc.array(tricky, { maxLength: 4 }),
    moreArgs: fc.array(tricky, { maxLength: 4 }),
    workingDir: fc.option(fc.constantFrom('/', '/app', '/srv/my dir'), {
      nil: undefined,
    }),
    runAsUser: fc.option(fc.integer({ min: 1, max: 2_147_483_647 }), {
      nil: undefined,
    }),
    env: fc.dictionary(envName, tricky, { maxKeys: 6 }),
    secretNames: fc.uniqueArray(envName, { maxLength: 4 }),
    memory: fc.constantFrom('64Mi', '128Mi', '512Mi', '1Gi', '300M', '2.5Gi'),
    cpu: fc.option(fc.constantFrom('500m', '1', '2.5'), { nil: undefined }),
    bridge: fc.oneof(
      fc.constant({ mode: 'baked' as const }),
      fc.record({
        mode: fc.constant('sidecar' as const),
        version: fc.option(fc.constantFrom('0.1.0', 'stable'), {
          nil: undefined,
        }),
      }),
    ),
    transport: fc.constantFrom(
      { type: 'stdio' as const },
      { type: 'http' as const, port: 3000, path: '/a.b/mcp' },
    ),
    handshake: fc.constantFrom('full' as const, 'bridge-only' as const),
    options: bridgeOptions,
    pod: podOptions,
    reach: reachOptions,
  })
  .map(
    ({
      secretNames,
      memory,
      cpu,
      moreArgs,
      bridge,
      options,
      pod,
      reach,
      ...rest
    }) =>
      serverSpecSchema.parse({
        ...rest,
        ...options,
        ...pod,
        ...reach,
        // What is reached from outside is never open to everybody.
        ...(options.auth.auth === 'none' && {
          service: undefined,
          exposure: undefined,
        }),
        ...options.auth,
        // Beside an image there must be a command.
        bridge: rest.command.length ? bridge : { mode: 'baked' },
        args: rest.command.length ? moreArgs : [],
        owner: 'group:default/team-a',
        cluster: 'test',
        secrets: secretNames.filter(name => !(name in rest.env)),
        resources: {
          requests: { cpu: '10m', memory: '32Mi' },
          limits: { memory, ...(cpu ? { cpu } : {}) },
        },
      }),
  );

/** Any input that the service may hand to the renderer. */
export const arbitraryInput: fc.Arbitrary<RenderInput> = fc.record({
  id: fc.uuid(),
  spec: arbitrarySpec,
  revision: fc.integer({ min: 1, max: 100_000 }),
  replicas: fc.integer({ min: 0, max: 50 }),
  secretVersion: fc.option(fc.integer({ min: 1, max: 9_999 }), {
    nil: undefined,
  }),
  restartedAt: fc.option(fc.constant('2026-11-21T12:00:00.000Z'), {
    nil: undefined,
  }),
  tokensNotBefore: fc.integer({ min: 0, max: 2_000_000_000 }),
  keys: optional(
    fc.constant([{ id: 'a', hash: 'b'.repeat(64), scopes: ['read'] }]),
  ),
});

/** Settings of a platform with two keys. */
export const examplePlatform: PlatformSettings = {
  namespace: 'mcp-servers',
  publicKeys: [
    {
      kty: 'OKP',
      crv: 'Ed25519',
      kid: 'now',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
    {
      kty: 'OKP',
      crv: 'Ed25519',
      kid: 'next',
      x: '2qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo1',
    },
  ],
  bridgeImage: 'registry.example:5000/mcp-cloud/bridge-node:0.1.0-abc',
  allowedHosts: ['portal.example'],
  exposure: {
    ingress: { className: 'contour', clusterIssuer: 'local' },
    gateway: { name: 'public', namespace: 'gateways', sectionName: 'https' },
  },
};
