import { secretFile } from '../__testUtils__/replicas';
import { startBridge } from '../__testUtils__/bridge';
import { send, TestClient, textOf } from '../__testUtils__/client';

describe('a replica that lacks what peers need', () => {
  it.each([
    [{}, 'no secretFile'],
    [{ secretFile: secretFile() }, 'pod.ip'],
  ])('serves alone, and says why', async (settings, words) => {
    const peers = { addresses: ['127.0.0.2'] };
    const bridge = await startBridge({ peers, ...settings });
    try {
      const client = await TestClient.connect(bridge.port);
      expect(textOf(await client.call('pid'))).toBe(String(client.pid));
      const status = { method: 'GET', path: '/status' };
      const { text } = await send(bridge.adminPort, status);
      expect(JSON.parse(text).peersError).toContain(words);
    } finally {
      await bridge.stop();
    }
  });

  it('does not start with a secret file that is none', async () => {
    await expect(startBridge({ secretFile: '/nowhere' })).rejects.toThrow(
      'cannot be read',
    );
  });
});
