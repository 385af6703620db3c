import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import fc from 'fast-check';
import { parse } from 'yaml';
import {
  arbitraryInput,
  examplePlatform,
} from '../__testUtils__/arbitrarySpec';
import { bridgeSchema } from '../__testUtils__/bridgeSchema';
import { schemaFields } from '../__testUtils__/schemaFields';
import { bridgeConfig } from './bridgeConfig';

/** Options that the platform sets, and no owner of a server. */
const PLATFORM_ONLY = [
  // How pods are built.
  'host',
  'port',
  'adminHost',
  'adminPort',
  'grpcPort',
  'agent',
  'command',
  // Made from the Spec's transport.
  'upstream',
  'upstreamHosts',
  'drain',
  'tls.cert',
  'tls.key',
  'tls.clientCa',
  'secretFile',
  'peers.service',
  'peers.addresses',
  'peers.port',
  'pod.uid',
  'pod.ip',
  'tracing.endpoint',
  'tracing.service',
  'tracing.ratio',
  // Under which names the server is reached.
  'allowedHosts',
  // Whom bridges trust: the portal's keys, and those that are made by POST /servers/:name/keys.
  'auth.audience',
  'auth.keys',
  'auth.keys[].kty',
  'auth.keys[].crv',
  'auth.keys[].kid',
  'auth.keys[].x',
  'auth.notBefore',
  'auth.staticKeys',
  'auth.staticKeys[].id',
  'auth.staticKeys[].hash',
  'auth.staticKeys[].principal',
  'auth.staticKeys[].scopes',
];
/** Options that a Spec calls otherwise; the rest has the same path in both. */
const OTHER_NAMES: Record<string, string> = {
  'auth.mode': 'auth',
  'auth.jwt.issuer': 'jwt.issuer',
  'auth.jwt.resource': 'jwt.audience',
  'auth.jwt.jwksUri': 'jwt.jwksUri',
  'auth.jwt.scopes': 'jwt.scopes',
  'auth.jwt.clockTolerance': 'jwt.clockTolerance',
};

const bridge = bridgeSchema();
const spec = (extra: object = {}) =>
  serverSpecSchema.parse({
    name: 'tools',
    owner: 'group:default/a',
    cluster: 'dev',
    image: 'r.example/x:1',
    ...extra,
  });
const configOf = (extra: object, rest: object = {}) =>
  parse(
    bridgeConfig(
      {
        id: 'an-id',
        spec: spec(extra),
        revision: 1,
        replicas: 1,
        tokensNotBefore: 0,
        ...rest,
      },
      examplePlatform,
    ),
  );

describe('bridgeConfig', () => {
  it('is what the bridge accepts, for any valid Spec', () => {
    fc.assert(
      fc.property(arbitraryInput, input => {
        const settings = parse(bridgeConfig(input, examplePlatform));
        expect(bridge.unknownKeysIn(settings)).toEqual([]);
        expect(() =>
          // As the image and the pod give it.
          bridge.configFrom({ ...settings, host: '0.0.0.0', command: ['x'] }),
        ).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });

  it('lets a Spec set every option that is not the platform’s', () => {
    const known = new Set(
      schemaFields(serverSpecSchema).map(({ path }) => path),
    );
    const missing = bridge.options.filter(
      option =>
        !PLATFORM_ONLY.includes(option) &&
        !known.has(OTHER_NAMES[option] ?? option),
    );
    expect(missing).toEqual([]);
    const gone = [...PLATFORM_ONLY, ...Object.keys(OTHER_NAMES)].filter(
      option => !bridge.options.includes(option),
    );
    expect(gone).toEqual([]);
  });

  it('has room for as many sessions as the memory allows, unless the Spec knows better', () => {
    const limits = (extra: object) => configOf(extra).limits;
    expect(limits({})).toEqual({ maxChildren: 5, maxSessions: 4 });
    expect(limits({ limits: { maxSessions: 50 } })).toEqual({
      maxChildren: 51,
      maxSessions: 50,
    });
    expect(limits({ limits: { maxChildren: 3 } })).toEqual({
      maxChildren: 3,
      maxSessions: 2,
    });
    expect(limits({ isolation: 'shared' })).toEqual({ maxChildren: 5 });
  });

  it('knows the portal’s tokens, whoever else may come in', () => {
    const keys = [{ id: 'k', hash: 'a'.repeat(64), scopes: ['read'] }];
    const portal = { audience: 'an-id', keys: examplePlatform.publicKeys };
    expect(configOf({ auth: 'keys' }, { keys }).auth).toMatchObject({
      ...portal,
      mode: 'keys',
      staticKeys: keys,
    });
    expect(configOf({}, { keys }).auth.staticKeys).toBeUndefined();
    const jwt = {
      issuer: 'https://issuer.example',
      audience: 'https://tools.example/mcp',
    };
    expect(configOf({ auth: 'jwt', jwt }).auth).toMatchObject({
      ...portal,
      mode: 'jwt',
      jwt: { issuer: jwt.issuer, resource: jwt.audience },
    });
  });
});
