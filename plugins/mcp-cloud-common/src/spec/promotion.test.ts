import { promoteSpec, promotionRules, type PromotionRule } from './promotion';
import {
  serverSpecSchema,
  type ServerSpec,
  type ServerSpecInput,
} from './serverSpec';

const spec = (extra: Partial<ServerSpecInput> = {}) =>
  serverSpecSchema.parse({
    name: 'x',
    application: 'weather',
    owner: 'group:default/a',
    cluster: 'dev',
    image: 'i:1',
    ...extra,
  });

/** Another value for each field than the one it has by default. */
const THERE: Required<ServerSpecInput> = {
  apiVersion: 'mcp-cloud.io/v1',
  name: 'there',
  application: 'weather',
  environment: 'staging',
  owner: 'group:default/b',
  system: 'system:default/there',
  cluster: 'there',
  image: 'i:2',
  imagePullSecrets: ['there'],
  command: ['node'],
  args: ['there.js'],
  workingDir: '/there',
  runAsUser: 1000,
  env: { THERE: '1' },
  secrets: ['THERE_SECRET'],
  envFrom: { THERE_FROM: { secret: 'there', key: 'k' } },
  files: { '/there': '1' },
  catalogRef: 'component:default/there',
  resources: {
    requests: { cpu: '1', memory: '1Gi' },
    limits: { memory: '1Gi' },
  },
  scaling: { min: 2, max: 3 },
  verticalScaling: { mode: 'recommend' },
  podMonitor: true,
  volumes: { there: { path: '/volume', claim: 'there' } },
  serviceAccount: 'there',
  labels: { there: 'yes' },
  placement: { zones: ['there'] },
  probes: { startup: { periodSeconds: 7 } },
  service: { type: 'LoadBalancer', host: 'there.example.com' },
  exposure: { via: 'ingress', host: 'there.example.com' },
  network: { egress: 'none' },
  transport: { type: 'http', port: 3000 },
  bridge: { mode: 'sidecar' },
  handshake: 'bridge-only',
  handshakeTimeout: '2m',
  stopGrace: '5s',
  auth: 'jwt',
  jwt: {
    issuer: 'https://there.example',
    audience: 'https://there.example/mcp',
  },
  isolation: 'shared',
  era: 'modern',
  limits: { rate: 7 },
  tools: { default: 'deny' },
  headerEnv: { 'x-there': 'HEADER' },
  allowedOrigins: ['https://there.example'],
  logLevel: 'debug',
};

describe('promoteSpec', () => {
  it('has a rule for every field of the Spec, and for no other', () => {
    expect(Object.keys(promotionRules).sort()).toEqual(
      Object.keys(serverSpecSchema.innerType().shape).sort(),
    );
  });

  it('does with each field what its rule says', () => {
    const from = serverSpecSchema.parse(THERE);
    const to = spec({
      env: { HERE: '1' },
      secrets: ['HERE_SECRET'],
      files: { '/here': '1' },
    });
    const result = promoteSpec(from, to);
    const wanted: Record<PromotionRule, (field: keyof ServerSpec) => unknown> =
      {
        promoted: field => from[field],
        kept: field => to[field],
        merged: field =>
          Array.isArray(to[field])
            ? [to[field], from[field]].flat()
            : { ...(from[field] as object), ...(to[field] as object) },
      };
    expect(result).toEqual(
      Object.fromEntries(
        Object.entries(promotionRules).map(([name, rule]) => [
          name,
          wanted[rule](name as keyof ServerSpec),
        ]),
      ),
    );
    expect(serverSpecSchema.parse(result)).toEqual(result);
  });

  it('leaves each variable that is here as it is, whatever it is there', () => {
    const from = spec({
      env: { URL: 'staging', TOKEN: 'plain', LEVEL: '1' },
      secrets: ['KEY', 'MORE'],
      envFrom: { REGION: { configMap: 'staging', key: 'region' } },
    });
    const to = spec({
      env: { URL: 'production', KEY: 'none', REGION: 'eu' },
      secrets: ['TOKEN'],
    });
    expect(promoteSpec(from, to)).toMatchObject({
      env: { URL: 'production', KEY: 'none', REGION: 'eu', LEVEL: '1' },
      secrets: ['TOKEN', 'MORE'],
      envFrom: {},
    });
  });
});
