import { status, type ClientDuplexStream } from '@grpc/grpc-js';
import type { Bridge } from '../bridge';
import { startBridge } from '../__testUtils__/bridge';
import { grpcClient, GrpcSession, withGrpc } from '../__testUtils__/grpcClient';
import { Issuer } from '../__testUtils__/tokens';
import { waitFor } from '../__testUtils__/wait';
import type { GrpcEnd } from './GrpcEnd';

describe('MCP over gRPC', () => {
  let bridge: Bridge;
  let issuer: Issuer;
  let grpc: GrpcEnd;
  const open: Array<{ close(): void }> = [];
  beforeAll(async () => {
    issuer = await Issuer.create();
    bridge = await startBridge(
      { grpcPort: 0, auth: issuer.auth() },
      {
        before: made => {
          grpc = withGrpc(made);
        },
      },
    );
  });
  afterAll(async () => {
    open.forEach(client => client.close());
    await bridge.stop();
  });

  const connect = (file: string, service: string) => {
    const client = grpcClient(file, service, grpc.port);
    open.push(client);
    return client;
  };

  const stream = async (token?: string) => {
    const session = new GrpcSession(grpc.port, token ?? (await issuer.token()));
    open.push(session);
    return session;
  };

  it('serves a session for the life of a stream', async () => {
    const session = await stream();
    expect(await session.initialize()).toMatchObject({
      result: { protocolVersion: '2025-11-25' },
    });
    session.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(await session.request('ping')).toHaveProperty('result');
    expect(bridge.sessions.size).toBe(1);
    session.call.cancel();
    await waitFor(() => bridge.sessions.size === 0);
  });

  it('ends the session when the client has nothing more to say', async () => {
    const session = await stream();
    await session.initialize();
    expect(bridge.sessions.size).toBe(1);
    session.call.end();
    await waitFor(() => bridge.sessions.size === 0);
  });

  it('answers what it cannot use, and goes on', async () => {
    const session = await stream();
    expect(await session.request('tools/list')).toMatchObject({
      error: { message: expect.stringContaining('initialize') },
    });
    session.call.write({ json: 'no JSON' });
    await waitFor(() =>
      session.messages.some(({ error }) => error?.code === -32700),
    );
    expect(await session.initialize()).toHaveProperty('result');
    session.call.cancel();
  });

  it('refuses whoever brings no token, and says why', async () => {
    const session = await stream('nonsense');
    expect(await session.ended()).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringContaining('token'),
    });
    expect(bridge.sessions.size).toBe(0);
  });

  it('says whether it is ready', async () => {
    const client = connect('health.proto', 'grpc.health.v1.Health');
    const check = (service: string) =>
      new Promise((resolve, reject) => {
        client.Check({ service }, (error: unknown, answer: unknown) =>
          error ? reject(error) : resolve(answer),
        );
      });
    expect(await check('')).toEqual({ status: 'SERVING' });
    expect(await check('mcpcloud.v1.Mcp')).toEqual({ status: 'SERVING' });
    await expect(check('other')).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  it('tells what it serves', async () => {
    const call = connect(
      'reflection.proto',
      'grpc.reflection.v1.ServerReflection',
    ).ServerReflectionInfo() as ClientDuplexStream<object, any>;
    const answers: any[] = [];
    call.on('data', answer => answers.push(answer));
    call.on('error', () => {}); // the client is closed at the end
    call.write({ list_services: '' });
    await waitFor(() => answers.length === 1);
    const names = answers[0].list_services_response.service.map(
      ({ name }: { name: string }) => name,
    );
    expect(names).toContain('mcpcloud.v1.Mcp');
    call.write({ file_containing_symbol: 'mcpcloud.v1.Mcp' });
    call.write({ file_containing_symbol: 'mcpcloud.v1.Nothing' });
    await waitFor(() => answers.length === 3);
    const [file] = answers[1].file_descriptor_response.file_descriptor_proto;
    expect(String(file)).toContain('mcpcloud.v1');
    expect(answers[2].error_response.error_code).toBe(status.NOT_FOUND);
    call.end();
  });
});
