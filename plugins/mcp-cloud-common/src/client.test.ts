import { McpCloudClient } from './client';

function setUp(answer: () => Response = () => Response.json({ ok: true })) {
  const requests: Array<{ url: string; init: RequestInit }> = [];
  const client = new McpCloudClient({
    discoveryApi: { getBaseUrl: async id => `http://portal/api/${id}` },
    fetchApi: {
      fetch: async (url, init) => {
        requests.push({ url: String(url), init: init ?? {} });
        return answer();
      },
    },
  });
  return { client, requests };
}
const body = (text: string) => () =>
  new Response(text, { headers: { 'Content-Type': 'text/event-stream' } });

describe('McpCloudClient', () => {
  it('escapes names, repeats lists in the query and leaves out what is not given', async () => {
    const { client, requests } = setUp();
    await client.listServers({
      owner: ['group:default/a', 'group:default/b'],
      q: '',
      cursor: undefined,
      limit: 5,
    });
    await client.getServer('../clusters');
    await client.listQuota({ owner: ['group:default/a'] });
    expect(requests.map(({ url }) => url)).toEqual([
      'http://portal/api/mcp-cloud/servers?owner=group%3Adefault%2Fa&owner=group%3Adefault%2Fb&limit=5',
      'http://portal/api/mcp-cloud/servers/..%2Fclusters',
      'http://portal/api/mcp-cloud/quota?owner=group%3Adefault%2Fa',
    ]);
  });

  it('sends the etag, the body and the token', async () => {
    const { client, requests } = setUp();
    const spec = { name: 'a', owner: 'group:a', cluster: 'dev', image: 'a' };
    await client.updateServer('a', '"7"', { spec }, { token: 'secret' });
    expect(requests[0].init).toMatchObject({
      method: 'PUT',
      headers: {
        'If-Match': '"7"',
        'Content-Type': 'application/json',
        Authorization: 'Bearer secret',
      },
      body: JSON.stringify({ spec }),
    });
  });

  it('takes a backup and sends it as it is', async () => {
    const { client, requests } = setUp(body('{"format":1}\n'));
    const file = await new Response(await client.exportBackup()).text();
    expect(file).toBe('{"format":1}\n');
    const backup = new Blob([file]);
    const { client: other, requests: sent } = setUp();
    await other.importBackup(backup, { signingKeys: 'own' });
    expect(sent[0].url).toBe(
      'http://portal/api/mcp-cloud/import?signingKeys=own',
    );
    expect(sent[0].init).toMatchObject({ method: 'POST', headers: {} });
    expect(sent[0].init.body).toBe(backup);
    expect(requests[0].url).toBe('http://portal/api/mcp-cloud/export');
  });

  it('throws when the answer is no success', async () => {
    const { client } = setUp(() =>
      Response.json(
        { error: { name: 'NotFoundError', message: 'none' } },
        { status: 404 },
      ),
    );
    await expect(client.getServer('a')).rejects.toMatchObject({
      name: 'ResponseError',
      statusCode: 404,
    });
    await expect(client.revokeTokens('a')).rejects.toThrow();
  });

  it('follows a log: lines, not heartbeats, until the end', async () => {
    const { client, requests } = setUp(
      body(
        ': beat\n\nevent: line\ndata: {"pod":"p","text":"one"}\n\nevent: other\ndata: {}\n\nevent: line\ndata: {"pod":"p","text":"two"}\n\n',
      ),
    );
    const lines: string[] = [];
    for await (const { text } of client.followLogs('a', { tailLines: 2 })) {
      lines.push(text);
    }
    expect(lines).toEqual(['one', 'two']);
    expect(requests[0].url).toBe(
      'http://portal/api/mcp-cloud/servers/a/logs?tailLines=2&follow=true',
    );
  });

  it('throws what a log stream says went wrong', async () => {
    const { client } = setUp(
      body('event: error\ndata: {"message":"the pod is gone"}\n\n'),
    );
    await expect(client.followLogs('a').next()).rejects.toThrow(
      'the pod is gone',
    );
  });
});
