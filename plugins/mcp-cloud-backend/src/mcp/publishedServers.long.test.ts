import { createServer, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { CONTAINER } from '../manifests/names';
import { runScript } from '../__testUtils__/runScript';
import {
  longTestImages,
  testRig,
  type TestRig,
} from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(300_000);

/** The only folder of the container that can be written to. */
const SCRATCH = '/tmp';

describe('a bridge beside the unmodified image of', () => {
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('published');
  });
  afterAll(() => rig?.stop());

  /** A port of this machine, where each connection is stdin and stdout of a new process in the server's container. */
  async function processes(pod: string, command: string[]) {
    const server = createServer(socket => {
      socket.on('error', () => {});
      const stdout = new PassThrough();
      stdout.pipe(socket);
      const fresh = `find ${SCRATCH} -mindepth 1 -delete; exec "$@"`;
      void rig.run(
        { pod, container: CONTAINER },
        ['sh', '-c', fresh, 'sh', ...command],
        { stdin: socket, stdout },
      );
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    return {
      port: (server.address() as AddressInfo).port,
      close: () => server.close(),
    };
  }

  it.each(longTestImages().published)(
    '$package gives the same answers as without',
    async ({ package: name, image, command, env }) => {
      const slug = name.replace(/[^a-z]+/g, '-').replace(/^-/, '');
      const input = testServer({
        name: slug.slice(0, 40).replace(/-$/, ''),
        image,
        bridge: { mode: 'sidecar' },
        command,
        env: { TZ: 'UTC', PYTHONHASHSEED: '0', HOME: SCRATCH, ...env },
      });
      await rig.deploy(input);
      await rig.until(
        rig.desired(input),
        ({ state }) => state === 'Running',
        120_000,
      );
      const [pod] = rig.cluster.observe({
        id: input.id,
        name: input.spec.name,
      }).pods;
      const direct = await processes(pod.metadata!.name!, command);
      const { output } = await runScript(
        'packages/bridge/real-servers/beside.ts',
        [
          ...['--package', name, '--direct', String(direct.port)],
          '--url',
          await rig.serve(input, { subject: 'user:default/alice' }),
        ],
        { MCP_REAL_SERVERS_SCRATCH: SCRATCH },
      );
      direct.close();
      expect(output.trim()).toBe('the same');
    },
  );
});
