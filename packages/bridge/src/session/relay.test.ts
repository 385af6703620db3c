import type { Bridge } from '../bridge';
import { startBridge } from '../__testUtils__/bridge';
import { send, TestClient, textOf } from '../__testUtils__/client';
import { waitFor } from '../__testUtils__/wait';

describe('the relay', () => {
  let bridge: Bridge;
  let client: TestClient;

  beforeAll(async () => {
    bridge = await startBridge();
  });
  afterAll(() => bridge.stop());
  beforeEach(async () => {
    client = await TestClient.connect(bridge.port);
  });
  afterEach(() => client.close());

  it('passes initialize end to end, to a process of its own for each session', async () => {
    const other = await TestClient.connect(bridge.port, {
      version: '2025-11-25',
    });
    expect(other.pid).not.toBe(client.pid);
    expect(textOf(await client.call('pid'))).toBe(String(client.pid));
    expect(textOf(await other.call('pid'))).toBe(String(other.pid));
    const [initialize, initialized] = await other.seen();
    expect(initialize).toMatchObject({
      method: 'initialize',
      params: { protocolVersion: '2025-11-25' },
    });
    expect(initialized).toMatchObject({ method: 'notifications/initialized' });
    await other.close();
  });

  it('answers two calls with the same id that are in flight at the same time, each with its own answer', async () => {
    const slow = client.call('slow', { ms: 300 }, { id: 'same' });
    const quick = await client.call('echo', { text: 'quick' }, { id: 'same' });
    expect([textOf(quick), quick.messages[0].id]).toEqual(['quick', 'same']);
    const first = await slow;
    expect([textOf(first), first.messages[0].id]).toEqual(['slow', 'same']);
  });

  it.each([
    0,
    -1,
    1.5,
    '',
    '__proto__',
    'constructor',
    '"quoted"\\',
    '💡',
    9007199254740991,
  ])('gives the id %j back', async id => {
    const answer = await client.call('echo', { text: 'x' }, { id });
    expect(answer.messages[0]).toMatchObject({
      id,
      result: { content: [{ text: 'x' }] },
    });
  });

  it('passes numbers on that JavaScript cannot hold', async () => {
    const body =
      '{"jsonrpc":"2.0","id":123456789012345678901,"method":"tools/call","params":{"name":"raw","arguments":{"n":1.0,"big":98765432109876543210}}}';
    const answer = await client.postText(body);
    expect(answer.text).toContain('"id":123456789012345678901');
    expect(textOf(answer)).toContain('{"n":1.0,"big":98765432109876543210}');
  });

  it('flushes each progress at once, under the token of the client', async () => {
    const stream = await client.start(
      'progress',
      { steps: 3, ms: 200 },
      { token: 'tök"en' },
    );
    await waitFor(() => stream.messages.length === 1);
    expect(stream.ended).toBe(false);
    expect(stream.messages[0].params).toMatchObject({
      progressToken: 'tök"en',
      progress: 1,
    });
    await waitFor(() => stream.ended);
    expect(
      stream.messages.map(m => m.params?.progress ?? textOf({ messages: [m] })),
    ).toEqual([1, 2, 3, 'progressed']);
  });

  it('keeps the progress of two calls with the same token apart', async () => {
    const streams = await Promise.all([
      client.start('progress', { steps: 2, ms: 50 }, { id: 1, token: 5 }),
      client.start('progress', { steps: 4, ms: 50 }, { id: 2, token: 5 }),
    ]);
    await waitFor(() => streams.every(stream => stream.ended));
    expect(
      streams.map(stream =>
        stream.messages.filter(m => m.method).map(m => m.params?.total),
      ),
    ).toEqual([
      [2, 2],
      [4, 4, 4, 4],
    ]);
    expect(streams[0].messages[0].params?.progressToken).toBe(5);
  });

  it('does not let a cancellation wait behind its call, and names the call as the server knows it', async () => {
    const call = client.call('never', {}, { id: 'x' });
    await waitFor(async () =>
      (await client.seen()).some(m => m.params?.name === 'never'),
    );
    const cancelled = await client.notify('notifications/cancelled', {
      requestId: 'x',
      reason: 'enough',
    });
    expect(cancelled.status).toBe(202);
    expect((await call).messages[0]).toMatchObject({
      id: 'x',
      error: { code: -32800 },
    });
    const seen = await client.seen();
    const asked = seen.find(m => m.params?.name === 'never');
    expect(
      seen.find(m => m.method === 'notifications/cancelled')?.params,
    ).toEqual({ requestId: asked?.id, reason: 'enough' });
  });

  it('tells the server nothing of a cancellation that fits no call', async () => {
    await client.notify('notifications/cancelled', { requestId: 'unknown' });
    expect(
      (await client.seen()).some(m => m.method === 'notifications/cancelled'),
    ).toBe(false);
  });

  it("sends the server's request to the stream of the only call, and its answer back", async () => {
    const stream = await client.start('sample');
    await waitFor(() => stream.messages.length === 1);
    const { id, method } = stream.messages[0];
    expect(method).toBe('sampling/createMessage');
    const answered = await client.post({
      jsonrpc: '2.0',
      id,
      result: { role: 'assistant', text: 'hi' },
    });
    expect(answered.status).toBe(202);
    await waitFor(() => stream.ended);
    expect(textOf(stream)).toBe('{"role":"assistant","text":"hi"}');
  });

  it('sends what names no call to the GET stream when several calls run, never to one of them', async () => {
    const free = await client.listen();
    const slow = ['a', 'b'].map(id => client.call('slow', { ms: 700 }, { id }));
    await waitFor(
      async () =>
        (await client.seen()).filter(m => m.params?.name === 'slow').length ===
        2,
    );
    const log = await client.call(
      'log',
      { text: 'whose?', ms: 100 },
      { id: 'c' },
    );
    expect(log.messages).toHaveLength(1);
    await waitFor(() => free.messages.length === 1);
    expect(free.messages[0].params).toEqual({ level: 'info', data: 'whose?' });
    for (const answer of await Promise.all(slow))
      expect(answer.messages).toHaveLength(1);
    free.abandon();
  });

  it('holds what names no call until a GET stream opens', async () => {
    const other = client.call('slow', { ms: 400 }, { id: 'b' });
    await waitFor(async () =>
      (await client.seen()).some(m => m.params?.name === 'slow'),
    );
    await client.call('log', { text: 'held', ms: 50 });
    await other;
    const free = await client.listen();
    await waitFor(() => free.messages.length === 1);
    expect(free.messages[0].params?.data).toBe('held');
    free.abandon();
  });

  it('never sends anything to another session', async () => {
    const other = await TestClient.connect(bridge.port);
    const streams = await Promise.all([client.listen(), other.listen()]);
    const call = client.call('slow', { ms: 400 }, { id: 'b' });
    await waitFor(async () =>
      (await client.seen()).some(m => m.params?.name === 'slow'),
    );
    await client.call('log', { text: 'mine', ms: 50 });
    await call;
    await waitFor(() => streams[0].messages.length === 1);
    expect(streams[1].messages).toEqual([]);
    streams.forEach(stream => stream.abandon());
    await other.close();
  });

  it('drops noise on stdout and goes on', async () => {
    expect(textOf(await client.call('noise'))).toBe('after the noise');
  });

  it('takes a message that is written over several lines', async () => {
    const body = JSON.stringify(
      JSON.parse(client.callBody('echo', { text: 'pretty' })),
      null,
      2,
    );
    expect(textOf(await client.postText(body))).toBe('pretty');
  });

  it('drops an answer to a request that the server has not made', async () => {
    expect(
      (await client.post({ jsonrpc: '2.0', id: 99, result: {} })).status,
    ).toBe(202);
    expect((await client.seen()).some(m => m.id === 99)).toBe(false);
  });

  it('answers a batch of revision 2025-03-26, and refuses one of any other', async () => {
    const old = await TestClient.connect(bridge.port, {
      version: '2025-03-26',
    });
    const batch = [
      old.callBody('echo', { text: 'a' }, { id: 1 }),
      old.callBody('echo', { text: 'b' }, { id: 2 }),
    ];
    const answer = await old.postText(`[${batch.join(',')}]`);
    expect(answer.messages.map(m => [m.id, textOf({ messages: [m] })])).toEqual(
      [
        [1, 'a'],
        [2, 'b'],
      ],
    );
    expect((await client.postText(`[${batch.join(',')}]`)).status).toBe(400);
    await old.close();
  });

  it('lets a client of 2025-11-25 leave a long call and fetch the answer by the last event id', async () => {
    const modern = await TestClient.connect(bridge.port, {
      version: '2025-11-25',
    });
    const stream = await modern.start('slow', { ms: 900 }, { id: 'long' });
    await waitFor(() => stream.lastEventId !== undefined);
    expect(stream.text).toContain('retry: ');
    stream.abandon();
    const resumed = await modern.listen(stream.lastEventId);
    await waitFor(() => resumed.ended);
    expect(resumed.messages).toMatchObject([
      { id: 'long', result: { content: [{ text: 'slow' }] } },
    ]);
    await modern.close();
  });

  it('sends no event without data to clients of older revisions', async () => {
    const stream = await client.start(
      'progress',
      { steps: 1, ms: 400 },
      { token: 1 },
    );
    await waitFor(() => stream.ended);
    expect(stream.text).not.toMatch(/^data: $/m);
  });

  it('keeps a session when a second GET stream opens', async () => {
    const streams = [await client.listen(), await client.listen()];
    expect(textOf(await client.call('echo', { text: 'still here' }))).toBe(
      'still here',
    );
    streams.forEach(stream => stream.abandon());
  });

  it('ends a session by DELETE, and knows it no more', async () => {
    const other = await TestClient.connect(bridge.port);
    expect((await other.close()).status).toBe(204);
    expect((await other.call('pid')).status).toBe(404);
    expect(
      (await send(bridge.port, { method: 'DELETE', headers: other.headers }))
        .status,
    ).toBe(404);
  });
});
