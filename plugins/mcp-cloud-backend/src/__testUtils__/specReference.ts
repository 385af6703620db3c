import {
  promotionRules,
  serverSpecSchema,
  type ServerSpecInput,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { parse } from 'yaml';
import { renderManifests } from '../manifests/renderManifests';
import { diffFields } from '../preview/diffFields';
import { diffObjects } from '../preview/diffObjects';
import { examplePlatform } from './arbitrarySpec';
import { schemaFields, type SchemaField } from './schemaFields';

type Change = Partial<ServerSpecInput>;

/** What a server keeps for life. */
export const FIXED = ['apiVersion', 'name', 'application', 'cluster'];
/** By what it changes all the same. */
const OTHERWISE: Record<string, string> = { cluster: 'by a move' };

const jwt = {
  issuer: 'https://issuer.example',
  audience: 'https://tools.example/mcp',
};
const withJwt = (extra: object): [Change, Change] => [
  { auth: 'jwt', jwt },
  { auth: 'jwt', jwt: { ...jwt, ...extra } },
];
const withRule = (extra: object): [Change, Change] => [
  { tools: { rules: [{ tools: ['a'] }] } },
  { tools: { rules: [{ tools: ['a'], ...extra }] } },
];
const resources = (requests: object, limits: object): Change => ({
  resources: {
    requests: { cpu: '50m', memory: '128Mi', ...requests },
    limits: { memory: '512Mi', ...limits },
  },
});
const scaling = { min: 2, max: 4, targets: { cpu: 80 } };
const withScaling = (extra: object): [Change, Change] => [
  { scaling },
  { scaling: { ...scaling, ...extra } },
];
const limit = (extra: object): [Change, Change] => [{}, { limits: extra }];
const emptyDir = { path: '/data', emptyDir: { size: '1Gi' } };

const publicService = (host: string): Change => ({
  service: { type: 'LoadBalancer', host },
});
const exposure = { via: 'ingress' as const, host: 'a.example.com' };
const withExposure = (extra: object): [Change, Change] => [
  { exposure },
  { exposure: { ...exposure, ...extra } },
];
const withTarget = (to: object): [Change, Change] => [
  { network: { to: [{ cidr: '203.0.113.0/24' }] } },
  { network: { to: [to] } },
];

/** A change of each field: what else the Spec has before, and what it has after. */
export const CHANGES: Record<string, [before: Change, after: Change]> = {
  environment: [{}, { environment: 'staging' }],
  owner: [{}, { owner: 'group:default/b' }],
  system: [{}, { system: 'system:default/x' }],
  image: [{}, { image: 'r.example/x:2' }],
  imagePullSecrets: [{}, { imagePullSecrets: ['pull'] }],
  command: [{}, { command: ['node'] }],
  args: [{ command: ['node'] }, { command: ['node'], args: ['x'] }],
  workingDir: [{}, { workingDir: '/app' }],
  runAsUser: [{}, { runAsUser: 1000 }],
  env: [{}, { env: { A: '1' } }],
  secrets: [{}, { secrets: ['TOKEN'] }],
  envFrom: [{}, { envFrom: { A: { secret: 'team', key: 'a' } } }],
  files: [{ files: { '/app/a': '1' } }, { files: { '/app/a': '2' } }],
  catalogRef: [{}, { catalogRef: 'component:default/x' }],
  'resources.requests.cpu': [{}, resources({ cpu: '1' }, {})],
  'resources.requests.memory': [{}, resources({ memory: '64Mi' }, {})],
  'resources.limits.cpu': [{}, resources({}, { cpu: '2' })],
  'resources.limits.memory': [{}, resources({}, { memory: '1Gi' })],
  'scaling.min': withScaling({ min: 3 }),
  'scaling.max': withScaling({ max: 5 }),
  'scaling.targets.cpu': withScaling({ targets: { cpu: 50 } }),
  'scaling.targets.memory': withScaling({ targets: { cpu: 80, memory: 90 } }),
  'scaling.targets.sessions': withScaling({
    targets: { cpu: 80, sessions: 10 },
  }),
  'verticalScaling.mode': [
    { verticalScaling: {} },
    { verticalScaling: { mode: 'initial' } },
  ],
  ...Object.fromEntries(
    ['min', 'max'].flatMap(bound =>
      ['cpu', 'memory'].map(resource => [
        `verticalScaling.${bound}.${resource}`,
        [
          { verticalScaling: {} },
          { verticalScaling: { [bound]: { [resource]: '1Gi' } } },
        ] as [Change, Change],
      ]),
    ),
  ),
  podMonitor: [{}, { podMonitor: true }],
  volumes: [{}, { volumes: { data: emptyDir } }],
  serviceAccount: [{}, { serviceAccount: 'team' }],
  labels: [{}, { labels: { team: 'a' } }],
  'placement.zones': [{}, { placement: { zones: ['a'] } }],
  'placement.nodeSelector': [{}, { placement: { nodeSelector: { a: 'b' } } }],
  'placement.tolerations': [{}, { placement: { tolerations: [{ key: 'a' }] } }],
  'placement.spreadHosts': [{}, { placement: { spreadHosts: 'require' } }],
  'placement.spreadZones': [{}, { placement: { spreadZones: 'require' } }],
  ...Object.fromEntries(
    ['startup', 'readiness', 'liveness'].flatMap(probe =>
      ['periodSeconds', 'timeoutSeconds', 'failureThreshold'].map(field => [
        `probes.${probe}.${field}`,
        [{}, { probes: { [probe]: { [field]: 7 } } }] as [Change, Change],
      ]),
    ),
  ),
  'service.type': [{}, publicService('a.example.com')],
  'service.host': [
    publicService('a.example.com'),
    publicService('b.example.com'),
  ],
  'exposure.via': withExposure({ via: 'httpRoute' }),
  'exposure.host': withExposure({ host: 'b.example.com' }),
  'exposure.path': [
    { exposure: { ...exposure, via: 'httpRoute' } },
    { exposure: { ...exposure, via: 'httpRoute', path: '/x' } },
  ],
  'exposure.tls.secret': withExposure({ tls: { secret: 'team-tls' } }),
  'exposure.tls.certManager': withExposure({ tls: { certManager: true } }),
  'network.egress': [{}, { network: { egress: 'none' } }],
  'network.to': [{}, { network: { to: [{ cidr: '203.0.113.0/24' }] } }],
  'network.to[].cidr': withTarget({ cidr: '203.0.113.0/25' }),
  'network.to[].pods': withTarget({ pods: { app: 'database' } }),
  'network.to[].namespace': withTarget({ namespace: { team: 'a' } }),
  'network.to[].ports': withTarget({ cidr: '203.0.113.0/24', ports: [443] }),
  transport: [{}, { transport: { type: 'http', port: 3000 } }],
  'bridge.mode': [
    { command: ['node'] },
    { command: ['node'], bridge: { mode: 'sidecar' } },
  ],
  'bridge.version': [
    { command: ['node'], bridge: { mode: 'sidecar' } },
    { command: ['node'], bridge: { mode: 'sidecar', version: '2' } },
  ],
  handshake: [{}, { handshake: 'bridge-only' }],
  handshakeTimeout: [{}, { handshakeTimeout: '2m' }],
  stopGrace: [{}, { stopGrace: '5s' }],
  auth: [{}, { auth: 'keys' }],
  'jwt.issuer': withJwt({ issuer: 'https://other.example' }),
  'jwt.audience': withJwt({ audience: 'https://other.example/mcp' }),
  'jwt.jwksUri': withJwt({ jwksUri: 'https://issuer.example/keys' }),
  'jwt.scopes': withJwt({ scopes: ['tools'] }),
  'jwt.clockTolerance': withJwt({ clockTolerance: '5s' }),
  isolation: [{}, { isolation: 'shared' }],
  era: [{}, { era: 'modern' }],
  'limits.maxSessions': limit({ maxSessions: 2 }),
  'limits.maxChildren': limit({ maxChildren: 3 }),
  'limits.maxPending': limit({ maxPending: 2 }),
  'limits.maxBody': limit({ maxBody: '1MB' }),
  'limits.maxLine': limit({ maxLine: '1MB' }),
  'limits.maxQueue': limit({ maxQueue: '1MB' }),
  'limits.maxReplay': limit({ maxReplay: '2MB' }),
  'limits.sessionIdle': limit({ sessionIdle: '1h' }),
  'limits.reclaimAfter': limit({ reclaimAfter: '1m' }),
  'limits.callTimeout': limit({ callTimeout: '1m' }),
  'limits.poolSize': limit({ poolSize: 2 }),
  'limits.inputTimeout': limit({ inputTimeout: '1m' }),
  'limits.rate': limit({ rate: 10 }),
  'limits.burst': limit({ burst: 50 }),
  'limits.keepAlive': limit({ keepAlive: '30s' }),
  'tools.default': [{}, { tools: { default: 'deny' } }],
  'tools.rules': [{}, { tools: { rules: [{ tools: ['a'] }] } }],
  'tools.rules[].tools': withRule({ tools: ['b'] }),
  'tools.rules[].scopes': withRule({ scopes: ['a'] }),
  'tools.rules[].claims': withRule({ claims: { team: 'a' } }),
  'tools.rules[].keys': withRule({ keys: ['a'] }),
  headerEnv: [{}, { headerEnv: { 'x-api-key': 'API_KEY' } }],
  allowedOrigins: [{}, { allowedOrigins: ['https://app.example'] }],
  logLevel: [{}, { logLevel: 'debug' }],
};

/** Fields of the schema that can be set by themselves. */
export function fieldsOfSpec(): SchemaField[] {
  return schemaFields(serverSpecSchema).filter(
    ({ path, isGroup }) =>
      !isGroup &&
      // As Kubernetes has them.
      !path.startsWith('placement.tolerations[]'),
  );
}

function render(spec: Change) {
  return renderManifests(
    {
      id: 'the-id',
      spec: serverSpecSchema.parse({
        name: 'x',
        owner: 'group:default/a',
        cluster: 'dev',
        image: 'r.example/x:1',
        ...spec,
      }),
      revision: 1,
      replicas: 1,
      tokensNotBefore: 0,
      ...(spec.secrets && { secretVersion: 1 }),
    },
    examplePlatform,
  );
}

/** What a change of a field does, found out by rendering before and after it. */
export function effectOf(path: string): { effect: string; objects: string[] } {
  if (FIXED.includes(path)) {
    return { effect: OTHERWISE[path] ?? 'cannot change', objects: [] };
  }
  const changes = diffObjects(...(CHANGES[path].map(render) as Pair));
  const objects = changes.flatMap(({ kind, name, change, fields }) =>
    change === 'changed'
      ? fields.flatMap(field => places(kind, field))
      : [`${kind} \`${name.replace('mcp-x', 'mcp-<name>')}\``],
  );
  return {
    effect: effectIn(changes),
    objects: [...new Set(objects)].sort(),
  };
}
type Pair = [ReturnType<typeof render>, ReturnType<typeof render>];

function effectIn(changes: ReturnType<typeof diffObjects>): string {
  const fields = changes.flatMap(({ kind, fields: all }) =>
    all.map(({ path }) => `${kind} ${path}`),
  );
  if (fields.some(path => path.startsWith('Deployment spec.template'))) {
    return 'pods';
  }
  if (fields.some(path => path.includes('bridge.yaml'))) {
    return 'reload';
  }
  return changes.length ? 'objects' : 'none';
}

/** Where a change shows, in few words. */
function places(
  kind: string,
  { path, before, after }: ReturnType<typeof diffFields>[number],
): string[] {
  if (path.includes('bridge.yaml')) {
    return diffFields(parse(String(before)), parse(String(after))).map(
      field => `bridge.yaml \`${field.path}\``,
    );
  }
  if (/template-hash|files-hash/.test(path)) {
    return [];
  }
  if (path.includes('metadata.labels')) {
    return ['labels of all objects'];
  }
  const short = path
    .replace(/^spec\.template\.spec\./, '')
    .replace(/^containers\[(\w+)\]/, 'container')
    .replace(/\[.*$/, '');
  return [
    path.startsWith('spec.template')
      ? `pod \`${short}\``
      : `${kind} \`${short}\``,
  ];
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function promotionOf(path: string): string {
  const [field] = path.split('.');
  return promotionRules[field as keyof typeof promotionRules];
}

/** The page that lists every field with what a change of it does. */
export function specReferencePage(): string {
  const rows = fieldsOfSpec().map(
    ({ path, description, required, initial }) => {
      const { effect, objects } = effectOf(path);
      const shown =
        initial === undefined || JSON.stringify(initial) === '{}'
          ? ''
          : `\`${JSON.stringify(initial)}\``;
      return `| \`${path}\`${
        required && !path.includes('.') ? '\\*' : ''
      } | ${cell(description)} | ${cell(shown)} | ${cell(
        objects.join(', '),
      )} | ${effect} | ${promotionOf(path)} |`;
    },
  );
  return [
    '# Fields of the Spec',
    '',
    '<!-- Made by `yarn workspace @mcp-cloud/plugin-mcp-cloud-backend reference`, by rendering a change of each field. -->',
    '',
    'Fields with \\* must be given. A change of a field shows in Kubernetes where the table says, and its _effect_ is: **pods**',
    'replaces the pods one after the other, so sessions end and clients begin anew; **reload** reaches running bridges without',
    'a restart; **objects** changes other objects alone; **none** touches nothing in the cluster. [The Spec](spec.md) tells the',
    'rules between fields, and [spec.schema.json](spec.schema.json) is the same as JSON Schema. The last column tells what',
    '[a promotion to another environment](../concepts.md#from-environment-to-environment) does with the field.',
    '',
    '| Field | Meaning | Default | In Kubernetes | Effect of a change | Promotion |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
