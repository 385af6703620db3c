import { mockServices } from '@backstage/backend-test-utils';
import type {
  Operation,
  ServerStatus,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import { Notifier } from './Notifier';

const operation = (rest: Partial<Operation> = {}) =>
  ({
    id: 'o1',
    serverId: 's1',
    serverName: 'weather',
    kind: 'deploy',
    state: 'failed',
    principal: 'user:default/ann',
    error: {
      reason: 'ImagePullFailed',
      message: 'The image cannot be pulled.',
      hint: 'Check the name.',
    },
    ...rest,
  } as Operation);
const server = {
  id: 's1',
  name: 'weather',
  owner: 'group:default/a',
} as ServerRow;
const failed = {
  state: 'Failed',
  message: 'It does not run.',
} as ServerStatus;

describe('notifications', () => {
  const send = jest.fn();
  const logger = mockServices.logger.mock();
  const notifier = new Notifier({ notifications: { send }, logger });
  beforeEach(() => {
    send.mockReset();
    logger.warn.mockReset();
  });

  it('of a failed operation go to who asked for it, with the reason and the way to its page', async () => {
    await notifier.operationFailed(operation());
    expect(send).toHaveBeenCalledWith({
      recipients: { type: 'entity', entityRef: 'user:default/ann' },
      payload: {
        title: 'weather: deploy failed',
        description: 'The image cannot be pulled. Check the name.',
        link: '/mcp-cloud/servers/weather',
        severity: 'high',
        topic: 'mcp-cloud',
        scope: 'mcp-cloud:operation:o1',
      },
    });
  });

  it('go to nobody when no person asked', async () => {
    await notifier.operationFailed(
      operation({ principal: 'service:mcp-cloud' }),
    );
    expect(send).not.toHaveBeenCalled();
  });

  it('of a server go to its owner; the later one replaces the earlier one', async () => {
    await notifier.serverDown(server, failed);
    await notifier.serverBack(server, { ...failed, state: 'Running' });
    const [[down], [back]] = send.mock.calls;
    expect(down).toMatchObject({
      recipients: { entityRef: 'group:default/a' },
      payload: { title: 'weather is failed', severity: 'critical' },
    });
    expect(back.payload.title).toBe('weather is running again');
    expect(back.payload.scope).toBe(down.payload.scope);
  });

  it('are silent in a portal that has none, and never a reason to fail', async () => {
    send.mockRejectedValueOnce(
      new Error('Failed to send notifications: Request failed with status 404'),
    );
    await notifier.serverDown(server, failed);
    expect(logger.warn).not.toHaveBeenCalled();
    send.mockRejectedValueOnce(new Error('Request failed with status 503'));
    await notifier.serverDown(server, failed);
    expect(logger.warn).toHaveBeenCalledTimes(1);
  });
});
