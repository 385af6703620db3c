import { testServer } from '../__testUtils__/testServer';
import { testImages, testRig, type TestRig } from '../__testUtils__/testRig';

jest.setTimeout(180_000);

/** A cause has to be shown within 10 s; the rest is for pulling, scheduling and a busy machine. */
const SOON_MS = 30_000;

describe('causes of failure, staged in a real cluster', () => {
  const { bridge, everything, plain } = testImages();
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('causes');
  });
  afterAll(() => rig?.stop());

  const failed = async (...args: Parameters<TestRig['deploy']>) => {
    await rig.deploy(...args);
    return rig.until(
      rig.desired(args[0]),
      status => status.state === 'Failed',
      SOON_MS,
    );
  };

  it('an image that the registry does not have', async () => {
    const image = everything.replace(/:[^:/]+$/, ':never-pushed');
    const status = await failed(testServer({ name: 'no-image', image }));
    expect(status).toMatchObject({
      reason: 'ImagePullFailed',
      message: `The image ${image} cannot be pulled: the registry does not have it.`,
      pods: { desired: 1, ready: 0, total: 1 },
    });
  });

  it('a registry that is not reached', async () => {
    const status = await failed(
      testServer({ name: 'no-registry', image: '127.0.0.1:1/some/image:1' }),
    );
    expect(status).toMatchObject({
      reason: 'ImagePullFailed',
      message: expect.stringContaining('the registry is not reached'),
    });
  });

  it('a server that ends at once, with its last words', async () => {
    const command = [
      'node',
      '-e',
      'console.error("no database at db.example"); process.exit(3)',
    ];
    const status = await failed(
      testServer({ name: 'crash', image: everything, command }),
    );
    expect(status).toMatchObject({
      reason: 'ServerCrashed',
      message: "The server's process ends at once, with code 3.",
      stderr: expect.arrayContaining([
        expect.stringContaining('no database at db.example'),
      ]),
    });
  });

  it('a version of the bridge that the registry does not have, beside an image', async () => {
    const status = await failed(
      testServer({
        name: 'no-bridge',
        image: plain,
        bridge: { mode: 'sidecar', version: 'never-pushed' },
        command: ['node'],
      }),
    );
    expect(status).toMatchObject({
      reason: 'ImagePullFailed',
      message: `The image ${bridge.replace(
        /:[^:/]+$/,
        ':never-pushed',
      )} cannot be pulled: the registry does not have it.`,
    });
  });

  it('a command that an image beside the bridge does not have', async () => {
    const status = await failed(
      testServer({
        name: 'no-command',
        image: plain,
        bridge: { mode: 'sidecar' },
        command: ['my-server-that-is-nowhere'],
      }),
    );
    expect(status).toMatchObject({
      reason: 'ServerNotReady',
      message: expect.stringMatching(
        /could not be started.*my-server-that-is-nowhere/,
      ),
    });
  });

  it('a Secret that is missing', async () => {
    const status = await failed(
      testServer(
        { name: 'no-secret', image: everything, secrets: ['TOKEN'] },
        { secretVersion: 4 },
      ),
    );
    expect(status).toMatchObject({
      reason: 'SecretMissing',
      message: expect.stringContaining('mcp-no-secret--env-4'),
    });
  });

  it('an image whose entry point ends at once and is no bridge', async () => {
    const status = await failed(
      testServer({ name: 'ends', image: everything }),
      container => {
        container.command = [
          'node',
          '-e',
          'console.error("usage: something else"); process.exit(2)',
        ];
      },
    );
    expect(status).toMatchObject({
      reason: 'ImageWithoutBridge',
      stderr: ['usage: something else'],
    });
  });

  it('an image whose entry point runs on and is no bridge', async () => {
    const status = await failed(
      testServer({ name: 'silent', image: everything }),
      container => {
        container.command = ['node', '-e', 'setInterval(() => {}, 1000)'];
      },
    );
    expect(status).toMatchObject({
      reason: 'ImageWithoutBridge',
      message: expect.stringContaining('nothing answers on port 9090'),
    });
  });

  it('an image without an entry point, whose command is not there', async () => {
    const status = await failed(
      testServer({ name: 'no-entry', image: everything }),
      container => {
        container.command = ['my-server-that-is-nowhere'];
      },
    );
    expect(status.reason).toBe('ImageWithoutBridge');
  });

  it('a bridge that refuses its configuration', async () => {
    const status = await failed(
      testServer({ name: 'config', image: everything }),
      container => {
        container.env = container.env?.map(one =>
          one.name === 'MCP_BRIDGE_CONFIG'
            ? { ...one, value: '/nowhere.yaml' }
            : one,
        );
      },
    );
    expect(status).toMatchObject({
      reason: 'BridgeFailed',
      message: expect.stringContaining('/nowhere.yaml'),
    });
  });

  it('too little memory', async () => {
    const status = await failed(
      testServer({
        name: 'memory',
        image: everything,
        resources: {
          requests: { cpu: '10m', memory: '32Mi' },
          limits: { memory: '64Mi' },
        },
      }),
      container => {
        container.command = [
          'node',
          '-e',
          'const a = []; for (;;) a.push(Buffer.alloc(1e7, 1))',
        ];
      },
    );
    expect(status).toMatchObject({
      reason: 'OutOfMemory',
      message: expect.stringContaining('64Mi'),
    });
  });

  it('a node that is too small', async () => {
    const status = await failed(
      testServer({
        name: 'huge',
        image: everything,
        resources: {
          requests: { cpu: '10m', memory: '9000Gi' },
          limits: { memory: '9000Gi' },
        },
      }),
    );
    expect(status).toMatchObject({
      reason: 'Unschedulable',
      hint: expect.stringContaining('memory requests'),
    });
  });

  it('a quota, in the words of the API server', async () => {
    await rig.place.api.json({
      method: 'POST',
      path: `/api/v1/namespaces/${rig.place.namespace}/resourcequotas`,
      body: {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'none' },
        spec: { hard: { pods: '0' } },
      },
    });
    const status = await failed(
      testServer({ name: 'quota', image: everything }),
    );
    expect(status).toMatchObject({
      reason: 'QuotaExceeded',
      message: expect.stringContaining('exceeded quota: none'),
    });
  });
});
