import type { Bridge } from '../bridge';
import { startBridge } from '../__testUtils__/bridge';
import { send, TestClient, textOf } from '../__testUtils__/client';
import { metric } from '../__testUtils__/metric';
import { waitFor } from '../__testUtils__/wait';

const DROPPED = 'mcp_rejected_total{reason="unattributed"}';
const SAMPLING = { capabilities: { sampling: {} } };

describe('isolation: shared', () => {
  let bridge: Bridge;
  const connect = (options = {}) => TestClient.connect(bridge.port, options);
  /** Calls a tool that asks the model, and answers for the model. @returns the tool's answer */
  const sample = async (client: TestClient, said: string) => {
    const stream = await client.start('sample', {}, { id: said });
    await waitFor(() => stream.messages.some(({ method }) => method));
    const [asked] = stream.messages;
    const result = { model: said, role: 'assistant', content: [] };
    await client.post({ jsonrpc: '2.0', id: asked.id, result });
    await waitFor(() => stream.ended);
    return stream;
  };

  beforeAll(async () => {
    bridge = await startBridge({ isolation: 'shared' });
  });
  afterAll(() => bridge.stop());

  it('serves many sessions by one process, each in its own revision', async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => connect({ version: '2025-03-26' })),
    );
    const pids = await Promise.all(
      clients.map(async client => textOf(await client.call('pid'))),
    );
    expect(new Set(pids).size).toBe(1);
    const { messages } = await clients[0].post({
      jsonrpc: '2.0',
      id: 1,
      method: 'ping',
    });
    expect(messages[0].result).toEqual({});
    await Promise.all(clients.map(client => client.close()));
    // The processes stay.
    expect(textOf(await (await connect()).call('pid'))).toBe(pids[0]);
  });

  it('gives every session its own answers and progress, though all use the same ids', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, connect));
    await Promise.all(
      clients.flatMap((client, at) =>
        Array.from({ length: 5 }, async () => {
          const stream = await client.start(
            'progress',
            { steps: 3, ms: 5 },
            { id: 'same', token: `token-${at}` },
          );
          await waitFor(() => stream.ended);
          expect(
            stream.messages.map(
              ({ id, params }) => id ?? params?.progressToken,
            ),
          ).toEqual([...Array(3).fill(`token-${at}`), 'same']);
        }),
      ),
    );
  });

  it('asks the client of the right session, at the same moment', async () => {
    const clients = await Promise.all(
      Array.from({ length: 10 }, () => connect(SAMPLING)),
    );
    const streams = await Promise.all(
      clients.map((client, at) => sample(client, `client-${at}`)),
    );
    for (const [at, { messages }] of streams.entries()) {
      expect(messages).toHaveLength(2);
      const text = messages[1].result?.content?.[0].text ?? '';
      expect(JSON.parse(text)).toMatchObject({ model: `client-${at}` });
    }
  });

  it('asks nobody who cannot be asked', async () => {
    const client = await connect({ capabilities: { roots: {} } });
    expect((await client.call('sample')).messages).toMatchObject([{ id: 1 }]);
  });

  it('takes no answer for a question of another session', async () => {
    const [one, other] = await Promise.all([
      connect(SAMPLING),
      connect(SAMPLING),
    ]);
    const stream = await one.start('sample');
    await waitFor(() => stream.messages.length === 1);
    const [{ id }] = stream.messages;
    const before = await metric(bridge.adminPort, DROPPED);
    await other.post({ jsonrpc: '2.0', id, result: { model: 'other' } });
    expect(await metric(bridge.adminPort, DROPPED)).toBe(before + 1);
    expect(stream.ended).toBe(false);
    await one.post({ jsonrpc: '2.0', id, result: { model: 'one' } });
    await waitFor(() => stream.ended);
    expect(stream.messages[1].result?.content?.[0].text).toContain('one');
  });

  it('drops and counts log messages that may be of more than one call', async () => {
    const [one, other] = await Promise.all([connect(), connect()]);
    const alone = await one.call('log', { text: 'alone' });
    expect(alone.messages[0].params).toMatchObject({ data: 'alone' });
    const before = await metric(bridge.adminPort, DROPPED);
    const slow = other.call('slow', { ms: 500 });
    await waitFor(() => bridge.pendingCount > 0);
    const dropped = await one.call('log', { text: 'whose?' });
    expect(dropped.messages).toHaveLength(1);
    expect((await slow).messages).toHaveLength(1);
    expect(await metric(bridge.adminPort, DROPPED)).toBe(before + 1);
  });

  it('does not use a process again whose call was given up', async () => {
    const client = await connect(SAMPLING);
    const pid = textOf(await client.call('pid'));
    const stream = await client.start('sample', {}, { id: 'never answered' });
    await waitFor(() => stream.messages.length === 1);
    await client.notify('notifications/cancelled', {
      requestId: 'never answered',
    });
    await waitFor(() => stream.ended);
    expect(stream.messages[1].error?.code).toBe(-32800);
    await waitFor(
      () => !bridge.supervisor.list().some(child => `${child.pid}` === pid),
    );
  });

  it('fails what runs when the process ends; the sessions go on', async () => {
    const [one, other] = await Promise.all([connect(), connect()]);
    const pid = textOf(await other.call('pid'));
    const waiting = one.call('never');
    await waitFor(() => bridge.pendingCount > 0);
    await other.call('exit', { code: 3 });
    expect((await waiting).messages[0].error?.message).toContain('code 3');
    expect(textOf(await one.call('pid'))).not.toBe(pid);
  });

  it('has a session of its own for each client all the same', async () => {
    const client = await connect();
    expect((await client.close()).status).toBe(204);
    expect((await client.call('pid')).status).toBe(404);
    const { status } = await send(bridge.port, {
      headers: { 'mcp-session-id': 'unknown' },
      body: client.callBody('pid'),
    });
    expect(status).toBe(404);
  });
});
