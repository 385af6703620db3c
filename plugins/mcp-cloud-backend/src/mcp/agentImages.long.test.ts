import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { serverUser } from '../manifests/serverUser';
import {
  longTestImages,
  testRig,
  type TestRig,
} from '../__testUtils__/testRig';
import { testServer } from '../__testUtils__/testServer';

jest.setTimeout(240_000);

describe('the agent in an image', () => {
  let rig: TestRig;
  beforeAll(async () => {
    rig = await testRig('agent');
  });
  afterAll(() => rig?.stop());

  it.each(Object.entries(longTestImages().users))(
    'whose user is "%s"',
    async (user, image) => {
      const input = testServer({
        name: `user-${user.replace(' ', '-')}`,
        image,
        bridge: { mode: 'sidecar' },
        command: ['/tiny-server'],
      });
      await rig.deploy(input);
      await rig.until(
        rig.desired(input),
        ({ state }) => state === 'Running',
        120_000,
      );
      const client = new Client({ name: 'test', version: '1' });
      const url = await rig.serve(input, { subject: 'user:default/alice' });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      expect(await client.callTool({ name: 'user' })).toMatchObject({
        content: [{ text: `${serverUser(input)} /` }],
      });
      await client.close();
    },
  );
});
