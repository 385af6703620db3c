import { ConfigReader } from '@backstage/config';
import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { readRules } from '../readRules';
import { refuseUnsupported } from './platformRules';

const problemsOf = (extra: object, servers: object = {}) => {
  const spec = serverSpecSchema.parse({
    name: 'x',
    owner: 'group:default/a',
    cluster: 'dev',
    image: 'r.example/x:1',
    ...extra,
  });
  const config = new ConfigReader({ mcpCloud: { servers } });
  try {
    refuseUnsupported(spec, readRules(config));
    return '';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};
const at = (host: string, via = 'ingress') => ({ exposure: { via, host } });
const open = {
  allowLoadBalancer: true,
  hosts: [
    { pattern: '*.a.example.com', owner: 'group:default/a' },
    { pattern: '*.b.example.com', owner: 'group:default/b' },
    { pattern: 'shared.example.com' },
  ],
  exposure: {
    ingress: { clusterIssuer: 'issuer' },
    gateway: { name: 'public' },
  },
};

describe('what the platform lets servers be', () => {
  it('is little by default, and says which setting would allow more', () => {
    const balanced = { service: { type: 'LoadBalancer', host: 'x.example' } };
    expect(problemsOf({ auth: 'none' })).toMatch(/allowAuthNone/);
    expect(problemsOf(balanced)).toMatch(/allowLoadBalancer.*hosts/);
    expect(problemsOf(at('x.example'))).toMatch(/exposure\.ingress.*hosts/);
    expect(problemsOf(at('x.example', 'httpRoute'))).toMatch(/gateway/);
  });

  it.each([
    ['tools.a.example.com', true],
    ['shared.example.com', true],
    ['tools.b.example.com', false],
    ['a.example.com', false],
    ['x.tools.a.example.com', false],
    ['tools.a.example.com.evil.example', false],
    ['toolsxa.example.com', false],
  ])('opens %s to the owner: %p', (host, allowed) => {
    for (const spec of [
      at(host),
      at(host, 'httpRoute'),
      { service: { type: 'LoadBalancer', host } },
    ]) {
      expect(problemsOf(spec, open) === '').toBe(allowed);
    }
  });

  it('has certificates and private ranges where it says so', () => {
    const tls = {
      ...at('shared.example.com').exposure,
      tls: { certManager: true },
    };
    expect(problemsOf({ exposure: tls }, open)).toBe('');
    expect(
      problemsOf({ exposure: tls }, { ...open, exposure: { ingress: {} } }),
    ).toMatch(/clusterIssuer/);
    const network = { egress: 'listed', to: [{ cidr: '10.1.2.0/24' }] };
    expect(problemsOf({ network })).toMatch(/network\.to\.0\.cidr: .*private/);
    expect(
      problemsOf({ network }, { network: { allowedRanges: ['10.1.0.0/16'] } }),
    ).toBe('');
  });

  it.each([
    [{ allowEverything: true }, /Unrecognized key/],
    [{ network: { clusterRanges: ['10/8'] } }, /network\.clusterRanges\.0/],
    [{ hosts: [{ pattern: 'x', owner: 'team-a' }] }, /owner in full/],
    [{ without: ['Secret'] }, /without\.0/],
  ])('is refused at the start when it is wrong: %j', (servers, words) => {
    expect(() =>
      readRules(new ConfigReader({ mcpCloud: { servers } })),
    ).toThrow(words);
  });
});
