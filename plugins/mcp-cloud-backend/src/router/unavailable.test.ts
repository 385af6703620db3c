import { ann, testRest, type TestRest } from '../__testUtils__/testRest';

jest.setTimeout(60_000);

describe('a database that is away', () => {
  let rest: TestRest;
  beforeAll(async () => {
    rest = await testRest();
  });
  afterAll(() => rest.stop());

  it('is told in words, also to clients whose tokens cannot be looked at', async () => {
    await rest.made();
    const { body } = await rest.send('post', '/servers/weather/tokens', {});
    const call = (as: string) =>
      rest.send('post', '/servers/weather/mcp', { jsonrpc: '2.0' }, as);
    const refuses = jest
      .spyOn(rest.knex.client, 'acquireConnection')
      .mockRejectedValue(
        Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
      );
    const answers = [
      await rest.get('/servers'),
      await rest.get('/servers/weather'),
      await call(ann),
      await call(`Bearer ${body.token}`),
    ];
    refuses.mockRestore();
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.body.error.message).toMatch(/database does not answer/);
      expect(answer.headers).not.toHaveProperty('www-authenticate');
    }
    expect((await rest.get('/servers')).status).toBe(200);
  });
});
