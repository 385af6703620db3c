import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDuration, parseSize } from './units';
import { helpText, parseArguments, parseEnvironment } from './flags';
import { configFrom, sourcesFrom, Sources } from './load';
import { OPTIONS, unknownKeysIn, variableOf } from './options';
import { referencePage } from './reference';

const command = ['node', 'server.js'];
const key = { kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'abc' };

function load(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const sources = sourcesFrom(argv, env);
  if (typeof sources === 'string') throw new Error(sources);
  return (sources as Sources).load();
}

function file(text: string): string {
  const path = join(
    mkdtempSync(join(tmpdir(), 'bridge-config-')),
    'bridge.yaml',
  );
  writeFileSync(path, text);
  return path;
}

describe('configuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['0', 0],
    ['30', undefined],
    ['soon', undefined],
  ])('reads the duration %s', (text, expected) =>
    expect(parseDuration(text)).toBe(expected),
  );

  it.each([
    ['4MB', 4_000_000],
    ['4MiB', 4_194_304],
    ['512kB', 512_000],
    ['10', 10],
    ['4XB', undefined],
  ])('reads the size %s', (text, expected) =>
    expect(parseSize(text)).toBe(expected),
  );

  it('reads the file that the control plane renders', () => {
    const path = file(`
auth: { mode: platform, audience: 7c0d, keys: [ {kty: OKP, crv: Ed25519, kid: a, x: b} ], notBefore: 17 }
allowedHosts: [a, b]
allowedOrigins: []
limits: { maxSessions: 100, maxChildren: 101, maxPending: 64, maxBody: 4MB, maxLine: 10MB, sessionIdle: 30m, callTimeout: 5m }
drain: 30s
handshake: bridge-only
logLevel: info
`);
    const { config, hash, unknownKeys } = load(
      ['--', 'node', 'x.js', '--flag'],
      { MCP_BRIDGE_CONFIG: path, MCP_BRIDGE_HOST: '0.0.0.0' },
    );
    expect(config).toMatchObject({
      host: '0.0.0.0',
      adminHost: '0.0.0.0',
      auth: { mode: 'platform', audience: '7c0d', notBefore: 17 },
      allowedHosts: ['a', 'b'],
      limits: {
        maxSessions: 100,
        maxChildren: 101,
        maxBody: 4_000_000,
        sessionIdle: 1_800_000,
      },
      drain: 30_000,
      handshake: 'bridge-only',
      command: ['node', 'x.js', '--flag'],
    });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(unknownKeys).toEqual([]);
  });

  it('lets flags win over variables and variables over the file', () => {
    const path = file(
      'auth: { mode: none }\nlimits: { maxSessions: 1, maxPending: 1, maxBody: 1MB }\n',
    );
    const env = { MCP_BRIDGE_MAX_SESSIONS: '2', MCP_BRIDGE_MAX_PENDING: '2' };
    const { config } = load(
      ['--config', path, '--max-sessions=3', 'node', 'x'],
      env,
    );
    expect(config.limits).toMatchObject({
      maxSessions: 3,
      maxPending: 2,
      maxBody: 1_000_000,
    });
  });

  it('names settings that it does not know, and works on', () => {
    const { unknownKeys } = load([
      '--config',
      file('auth: { mode: none }\nlimits: { maxFun: 1 }\nfuture: true\n'),
      'x',
    ]);
    expect(unknownKeys).toEqual(['limits.maxFun', 'future']);
  });

  it.each([
    [{ auth: { mode: 'none' }, host: '0.0.0.0', command }, 'loopback'],
    [{ host: '0.0.0.0', command }, 'say how callers prove who they are'],
    [{ auth: { mode: 'platform' }, command }, 'audience'],
    [{ auth: { audience: 'a' }, command }, 'at least one public key'],
    [{ auth: { mode: 'keys' }, command }, 'at least one key'],
    [{ auth: { mode: 'jwt' }, command }, 'auth.jwt.issuer'],
    [
      {
        auth: { mode: 'keys', staticKeys: [{ id: 'a', hash: 'secret' }] },
        command,
      },
      'SHA-256',
    ],
    [{ auth: { mode: 'none' } }, 'no server'],
    [{ auth: { mode: 'none' }, command, drain: '5' }, 'is no duration'],
    [{ auth: { mode: 'none' }, command, isolation: 'alone' }, 'isolation'],
    [
      {
        auth: {
          mode: 'platform',
          audience: 'a',
          keys: [{ ...key, crv: 'X25519' }],
        },
        command,
      },
      'Ed25519',
    ],
  ])('refuses %j in words', (settings, word) => {
    expect(() => configFrom(settings)).toThrow(word);
  });

  it('asks nobody who they are on a loopback host when nothing else is said', () => {
    const modes = ['127.0.0.1', 'localhost', '[::1]'].map(
      host => configFrom({ host, command }).auth.mode,
    );
    expect(modes).toEqual(['none', 'none', 'none']);
  });

  it.each(['keys', 'none'])(
    'lets a portal begin with mode %s on any host: its own tokens are known',
    mode => {
      const portal = {
        audience: 'a',
        keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'x' }],
      };
      const settings = { host: '0.0.0.0', command, auth: { mode } };
      expect(() => configFrom(settings)).toThrow(/auth/);
      expect(
        configFrom({ ...settings, auth: { ...portal, mode } }).auth.mode,
      ).toBe(mode);
    },
  );

  it('names settings in lists that it does not know', () => {
    const { unknownKeys } = load([
      '--config',
      file(
        `auth: { mode: none, staticKeys: [{ id: a, hash: ${'a'.repeat(
          64,
        )}, fun: 1 }] }`,
      ),
      'x',
    ]);
    expect(unknownKeys).toEqual(['auth.staticKeys.0.fun']);
  });

  it('knows each flag as a variable and as a setting of the file', () => {
    for (const { flag, initial, kind, path } of OPTIONS) {
      if (flag === undefined || initial === undefined) continue;
      const other = /^\d+$/.test(initial)
        ? String(Number(initial) + 1)
        : initial;
      const byFlag = parseArguments([`--${flag}`, other]);
      const byVariable = parseEnvironment({ [variableOf(flag)]: other });
      expect([kind, byFlag]).toEqual([
        kind,
        expect.objectContaining({ settings: byVariable.settings }),
      ]);
      expect(unknownKeysIn(byVariable.settings)).toEqual([]);
      expect(path.length).toBeGreaterThan(0);
    }
  });

  it('has a flag of its own for each option, and says in --help what it means', () => {
    const flags = OPTIONS.flatMap(({ flag }) => flag ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    expect(flags).toEqual(
      expect.arrayContaining([
        'auth',
        'max-sessions',
        'peers-service',
        'pod-uid',
      ]),
    );
    for (const flag of flags)
      expect(helpText()).toMatch(new RegExp(`^  --${flag}\\s`, 'm'));
  });

  it('has a reference that is current (yarn workspace @mcp-cloud/bridge reference)', () => {
    const page = join(
      __dirname,
      '../../../../docs/reference/bridge-configuration.md',
    );
    expect(readFileSync(page, 'utf8')).toBe(referencePage());
  });

  it('refuses an unknown flag', () => {
    expect(() => sourcesFrom(['--prot', '1'], {})).toThrow('--prot');
  });
});
