import request from 'supertest';
import { eventually } from '../__testUtils__/eventually';
import {
  ANN,
  ann,
  bob,
  testRest,
  type TestRest,
} from '../__testUtils__/testRest';

jest.setTimeout(60_000);

describe('backups over REST', () => {
  const portals: TestRest[] = [];
  afterEach(async () => {
    for (const rest of portals.splice(0)) {
      await rest.stop();
    }
  });

  async function portal() {
    const rest = await testRest({ services: { administrators: [ANN] } });
    portals.push(rest);
    return rest;
  }
  const download = async (rest: TestRest) => {
    const answer = await rest.get('/export').responseType('blob');
    expect(answer.status).toBe(200);
    return { headers: answer.headers, file: String(answer.body) };
  };
  const upload = (rest: TestRest, file: string, query = '', as = ann) =>
    request(rest.app)
      .post(rest.at(`/import${query}`))
      .set('Authorization', as)
      .type('application/x-ndjson')
      .send(file);

  it('go from one portal to another, and are remembered', async () => {
    const first = await portal();
    const { serverId } = await first.made(
      { secrets: ['KEY'] },
      { secretValues: { KEY: 'hush-hush' } },
    );
    const { body: token } = await first.send(
      'post',
      '/servers/weather/tokens',
      {},
    );
    const { headers, file } = await download(first);
    expect(headers['content-type']).toBe('application/x-ndjson');
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="mcp-cloud-\d{4}-\d\d-\d\d\.jsonl"$/,
    );
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(file));
    expect(file).not.toContain('hush');
    // It is over, and remembered, a moment after its last byte has come.
    const exported = await eventually(async () =>
      (await first.audited()).find(({ event }) => event === 'backup-export'),
    );
    expect(exported).toMatchObject({ outcome: 'succeeded', principal: ANN });

    const second = await portal();
    expect(await upload(second, file)).toMatchObject({
      status: 200,
      body: {
        servers: 1,
        rows: file.trimEnd().split('\n').length - 2,
        signingKeys: 'restored',
      },
    });
    expect((await second.get('/servers/weather')).body).toMatchObject({
      id: serverId,
      spec: { secrets: ['KEY'] },
    });
    expect(second.world.acts).toEqual([]);
    expect(
      await request(second.app)
        .post(second.at('/servers/weather/mcp'))
        .set('Authorization', `Bearer ${token.token}`)
        .send({}),
    ).toMatchObject({ status: 200, body: { server: serverId } });
    expect((await second.audited()).at(-1)).toMatchObject({
      event: 'backup-import',
      outcome: 'succeeded',
    });
    expect(await upload(second, file)).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('has weather.') } },
    });
  });

  it('can leave the signing keys out, and bridges then learn those of the portal', async () => {
    const first = await portal();
    await first.made();
    const { file } = await download(first);
    const second = await portal();
    expect(await upload(second, file, '?signingKeys=own')).toMatchObject({
      status: 200,
      body: { signingKeys: 'own' },
    });
    const { body } = await second.get('/servers/weather/operations');
    expect(body.items[0]).toMatchObject({ kind: 'rotate' });
    expect(await second.settled(body.items[0].id)).toMatchObject({
      state: 'succeeded',
    });
  });

  it('are for administrators, and say what is wrong with a file of any size', async () => {
    const rest = await portal();
    for (const answer of [
      await rest.get('/export', bob),
      await upload(rest, '{}', '', bob),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.body.error.message).toMatch(/administrators/);
    }
    expect(
      (await rest.audited()).map(({ event, outcome }) => [event, outcome]),
    ).toEqual([
      ['backup-export', 'refused'],
      ['backup-import', 'refused'],
    ]);
    const long = 'x'.repeat(30 * 1024 * 1024);
    for (const [file, problem] of [
      ['', 'The file is empty.'],
      [`no backup\n${long}`, 'Line 1: This is not JSON.'],
      [long, 'Line 1: A line is longer than'],
    ]) {
      const { status, body } = await upload(rest, file);
      expect(status).toBe(400);
      expect(body.error.message).toContain(problem);
    }
    expect((await upload(rest, '{}', '?signingKeys=all')).status).toBe(400);
  });
});
