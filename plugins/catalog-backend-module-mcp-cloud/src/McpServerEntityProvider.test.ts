import { mockServices } from '@backstage/backend-test-utils';
import type { EntityProviderConnection } from '@backstage/plugin-catalog-node';
import { McpServerEntityProvider } from './McpServerEntityProvider';
import type { CatalogedServer } from './ServerSource';
import { cataloged } from './testServers';

function setUp(list: () => Promise<CatalogedServer[]>) {
  const source = { list: jest.fn(list) };
  const logger = mockServices.logger.mock();
  const connection = {
    applyMutation: jest.fn(async () => {}),
    refresh: jest.fn(),
  };
  const provider = new McpServerEntityProvider({
    source,
    logger,
    coalesceMs: 500,
  });
  const names = (call: number) =>
    (
      connection.applyMutation.mock.calls as unknown as Array<
        [{ entities: Array<{ entity: { metadata: { name: string } } }> }]
      >
    )[call][0].entities.map(({ entity }) => entity.metadata.name);
  return {
    source,
    logger,
    connection,
    provider,
    names,
    connect: () => provider.connect(connection as EntityProviderConnection),
  };
}

describe('McpServerEntityProvider', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('tells the catalog once it is connected', async () => {
    const { connect, connection, names } = setUp(async () => [
      cataloged({ name: 'a' }),
    ]);
    await connect();
    await jest.advanceTimersByTimeAsync(500);
    expect(connection.applyMutation).toHaveBeenCalledTimes(1);
    expect(connection.applyMutation).toHaveBeenCalledWith(
      expect.objectContaining({ type: 'full' }),
    );
    expect(names(0)).toEqual(['a', 'a']);
  });

  it('reads once for many changes', async () => {
    const { connect, provider, source } = setUp(async () => []);
    await connect();
    for (let i = 0; i < 50; i++) {
      provider.scheduleRefresh();
    }
    await jest.advanceTimersByTimeAsync(499);
    expect(source.list).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1000);
    expect(source.list).toHaveBeenCalledTimes(1);
  });

  it('writes only when something differs, and all of it, so that what is gone goes', async () => {
    let servers = [cataloged({ name: 'a' }), cataloged({ name: 'b' })];
    const { connect, provider, connection, names } = setUp(async () => servers);
    await connect();
    await provider.refresh();
    await provider.refresh();
    expect(connection.applyMutation).toHaveBeenCalledTimes(1);
    servers = [cataloged({ name: 'b' })];
    await provider.refresh();
    expect(names(1)).toEqual(['b', 'b']);
    servers = [];
    await provider.refresh();
    expect(names(2)).toEqual([]);
  });

  it('tells the same anew after ten minutes, in case another replica told something else', async () => {
    const { connect, provider, connection } = setUp(async () => [
      cataloged({ name: 'a' }),
    ]);
    await connect();
    await provider.refresh();
    jest.setSystemTime(Date.now() + 10 * 60_000);
    await provider.refresh();
    expect(connection.applyMutation).toHaveBeenCalledTimes(2);
  });

  it('keeps the last good set on errors and says each problem once', async () => {
    let fail = true;
    const { connect, provider, connection, logger } = setUp(async () => {
      if (fail) {
        throw new Error('503 Service Unavailable');
      }
      return [];
    });
    await connect();
    await provider.refresh();
    await provider.refresh();
    expect(connection.applyMutation).not.toHaveBeenCalled();
    expect(logger.warn).toHaveBeenCalledTimes(1);
    fail = false;
    await provider.refresh();
    expect(logger.info).toHaveBeenCalledWith(
      'MCP servers can be read again; the catalog is up to date.',
    );
    expect(connection.applyMutation).toHaveBeenCalledTimes(1);
  });

  it('tells the catalog again when a write failed', async () => {
    const { connect, provider, connection } = setUp(async () => []);
    connection.applyMutation.mockRejectedValueOnce(
      new Error('database is locked'),
    );
    await connect();
    await provider.refresh();
    await provider.refresh();
    expect(connection.applyMutation).toHaveBeenCalledTimes(2);
  });

  it('misses nothing that changes while it reads, and reads no two lists at once', async () => {
    let open: () => void = () => {};
    let reading = 0;
    let most = 0;
    const { connect, provider, source } = setUp(async () => {
      reading += 1;
      most = Math.max(most, reading);
      await new Promise<void>(resolve => {
        open = resolve;
      });
      reading -= 1;
      return [];
    });
    await connect();
    const first = provider.refresh();
    const second = provider.refresh();
    open();
    await jest.advanceTimersByTimeAsync(0);
    open();
    await Promise.all([first, second]);
    expect(source.list).toHaveBeenCalledTimes(2);
    expect(most).toBe(1);
  });

  it('does nothing after it was stopped', async () => {
    const { connect, provider, source } = setUp(async () => []);
    await connect();
    provider.stop();
    provider.scheduleRefresh();
    await jest.advanceTimersByTimeAsync(5000);
    expect(source.list).not.toHaveBeenCalled();
  });
});
