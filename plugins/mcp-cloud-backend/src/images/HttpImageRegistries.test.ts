import { testRegistry, type TestRegistry } from '../__testUtils__/testRegistry';
import { HttpImageRegistries } from './HttpImageRegistries';
import type { RegistrySettings } from './types';

const server = {
  Entrypoint: ['node'],
  Cmd: ['server.js', '$HOME'],
  User: '1000:1000',
  Env: ['PASSWORD=hunter2'],
  Labels: { 'io.mcp-cloud.bridge': '0.1.0' },
};

describe('HttpImageRegistries', () => {
  let registry: TestRegistry;
  beforeEach(async () => {
    registry = await testRegistry();
  });
  afterEach(() => registry.stop());

  const lookUp = (
    image: string,
    settings: Partial<RegistrySettings> = {},
    timeoutMs = 20_000,
  ) =>
    new HttpImageRegistries(
      [{ ...registry.settings, ...settings }],
      timeoutMs,
    ).lookUp(`${registry.host}/${image}`);
  const reasonOf = async (answer: ReturnType<typeof lookUp>) => {
    const { reason, ...rest } = (await answer) as { reason: string };
    expect(rest).toEqual({ state: 'unknown', asked: true });
    return reason;
  };

  it('finds what a tag stands for, and of the configuration what is needed', async () => {
    const digest = registry.push('team/tools', '1.4', server);
    const found = {
      state: 'found',
      facts: {
        digest,
        command: ['node', 'server.js', '$HOME'],
        user: '1000:1000',
        bridge: '0.1.0',
      },
    };
    expect(await lookUp('team/tools:1.4')).toEqual(found);
    expect(await lookUp(`team/tools@${digest}`)).toEqual(found);
  });

  it('takes latest when nothing is said, and an image that says nothing of itself', async () => {
    const digest = registry.push('tools', 'latest', {});
    expect(await lookUp('tools')).toEqual({
      state: 'found',
      facts: { digest, command: [] },
    });
  });

  it('pins the index of an image for several platforms', async () => {
    const digest = registry.push('tools', '1', server, {
      platforms: [
        { os: 'unknown', architecture: 'unknown' },
        { os: 'linux', architecture: 'arm64' },
      ],
    });
    expect(await lookUp('tools:1')).toMatchObject({
      facts: { digest, user: '1000:1000' },
    });
  });

  it('says when there is no such image', async () => {
    expect(await lookUp('tools:2')).toEqual({ state: 'missing' });
  });

  it('asks nobody whom the platform does not list', async () => {
    const asked = new HttpImageRegistries([]).lookUp(`${registry.host}/tools`);
    expect(await asked).toMatchObject({ state: 'unknown', asked: false });
    expect(registry.requests).toEqual([]);
  });

  describe('signing in', () => {
    const wantToken = (realm: string) =>
      registry.answerFirst((req, res) => {
        const url = new URL(req.url!, 'http://r');
        if (url.pathname === '/token') {
          res.end(
            JSON.stringify({
              token: `${url.searchParams.get('scope')} ${
                req.headers.authorization ?? 'anonymous'
              }`,
            }),
          );
          return true;
        }
        if (req.headers.authorization?.startsWith('Bearer ')) {
          return false;
        }
        res.writeHead(401, {
          'www-authenticate': `Bearer realm="${realm}",service="r",scope="s"`,
        });
        res.end();
        return true;
      });

    it('gets a token where the registry says, by name and password', async () => {
      registry.push('tools', '1', server);
      wantToken(`http://${registry.host}/token`);
      const login = { username: 'ann', password: 'secret' };
      expect(await lookUp('tools:1', { login })).toMatchObject({
        state: 'found',
      });
      expect(registry.requests.at(-1)!.authorization).toBe(
        `Bearer repository:tools:pull Basic ${btoa('ann:secret')}`,
      );
    });

    it('gets one without a name where that is enough', async () => {
      registry.push('tools', '1', server);
      wantToken(`http://${registry.host}/token`);
      expect(await lookUp('tools:1')).toMatchObject({ state: 'found' });
    });

    it('sends a password nowhere else', async () => {
      const other = await testRegistry();
      wantToken(`http://${other.host}/token`);
      const login = { username: 'ann', password: 'secret' };
      expect(await reasonOf(lookUp('tools:1', { login }))).toContain(
        `sends us to ${other.host}, which its entry does not list`,
      );
      expect(other.requests).toEqual([]);
      await other.stop();
    });

    it('sends a token that was configured', async () => {
      registry.push('tools', '1', server);
      await lookUp('tools:1', { login: { token: 'abc' } });
      expect(registry.requests[0].authorization).toBe('Bearer abc');
    });

    it('says when it may not see the image', async () => {
      registry.answerFirst((_, res) => {
        res.writeHead(403).end();
        return true;
      });
      expect(await reasonOf(lookUp('tools:1'))).toContain(
        'does not let this portal see the image',
      );
    });
  });

  describe('a registry that sends us elsewhere', () => {
    let other: TestRegistry;
    beforeEach(async () => {
      other = await testRegistry();
      registry.push('tools', '1', server);
      other.content.clear();
      registry.content.forEach((text, path) => other.content.set(path, text));
      registry.answerFirst((req, res) => {
        const away = req.url!.includes('/blobs/');
        if (away) {
          res.writeHead(307, {
            location: `http://${other.host}${req.url}?signature=s3cret`,
          });
          res.end();
        }
        return away;
      });
      other.answerFirst((req, res) => {
        res.end(other.content.get(req.url!.split('?')[0]));
        return true;
      });
    });
    afterEach(() => other.stop());

    it('is followed to where the platform lists, without credentials', async () => {
      const settings = {
        otherHosts: [other.host],
        login: { token: 'abc' },
      };
      expect(await lookUp('tools:1', settings)).toMatchObject({
        state: 'found',
      });
      expect(other.requests.map(one => one.authorization)).toEqual([undefined]);
    });

    it('is followed nowhere else, and the address is not told', async () => {
      const reason = await reasonOf(lookUp('tools:1'));
      expect(reason).toContain(other.host);
      expect(reason).not.toContain('s3cret');
      expect(other.requests).toEqual([]);
    });

    it('is not followed without end', async () => {
      registry.answerFirst((req, res) => {
        res.writeHead(302, { location: req.url! }).end();
        return true;
      });
      expect(await reasonOf(lookUp('tools:1'))).toContain('without end');
      expect(registry.requests).toHaveLength(4);
    });
  });

  it.each(['127.0.0.1', 'localhost'])(
    'does not go to %s unless that is allowed',
    async name => {
      const host = `${name}:${registry.host.split(':')[1]}`;
      const settings = { ...registry.settings, host, privateAddresses: false };
      const answer = new HttpImageRegistries([settings]).lookUp(`${host}/t:1`);
      expect(await reasonOf(answer)).toContain('its address is private');
      expect(registry.requests).toEqual([]);
    },
  );

  it('refuses other bytes than those that were asked for', async () => {
    registry.push('tools', '1', server);
    for (const [path] of registry.content) {
      if (path.includes('/blobs/')) {
        registry.content.set(path, '{"config":{"User":"1"}}');
      }
    }
    expect(await reasonOf(lookUp('tools:1'))).toContain('other bytes');
  });

  it.each([
    ['no JSON', 'a page', 'format that is not known'],
    ['no manifest', '{"schemaVersion":1}', 'format that is not known'],
    ['no Linux', '{"manifests":[]}', 'for no Linux'],
    ['too much', ' '.repeat(5 * 1024 * 1024), 'too much'],
  ])('says so for %s', async (_, text, reason) => {
    registry.content.set('/v2/tools/manifests/1', text);
    expect(await reasonOf(lookUp('tools:1'))).toContain(reason);
  });

  it('waits no longer than it may', async () => {
    registry.answerFirst(() => true);
    expect(await reasonOf(lookUp('tools:1', {}, 200))).toContain(
      'did not answer in time',
    );
  });

  it('says when nobody is there', async () => {
    await registry.stop();
    expect(await reasonOf(lookUp('tools:1'))).toContain(
      'does not answer (ECONNREFUSED)',
    );
  });
});
