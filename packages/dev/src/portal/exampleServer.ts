import { until } from '../../../dev-cluster/src/system/wait.ts';
import { portalUrl, type Ports } from './settings.ts';
import { signIn } from './session.ts';

export const EXAMPLE = 'everything';

/** Deploys one server as Alice, so that there is something to see. Does nothing when it is there. */
export async function deployExample(
  ports: Ports,
  cluster: string,
  image: string,
): Promise<boolean> {
  const token = await signIn(ports, 'alice');
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${portalUrl(ports)}/api/mcp-cloud${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, text: await response.text() };
  };
  const { status } = await call('GET', `/servers/${EXAMPLE}`);
  if (status === 200) {
    return false;
  }
  const spec = { name: EXAMPLE, owner: 'group:default/team-a', cluster, image };
  const accepted = await call('POST', '/servers', {
    spec,
    message: 'An example to start with',
  });
  if (accepted.status !== 202) {
    throw new Error(
      `The portal refused the example server with ${
        accepted.status
      }: ${accepted.text.slice(0, 1000)}`,
    );
  }
  const { operation } = JSON.parse(accepted.text) as {
    operation: { id: string };
  };
  const end = await until(
    'deployment of the example server',
    async () => {
      const now = JSON.parse(
        (await call('GET', `/operations/${operation.id}`)).text,
      );
      return now.finishedAt ? now : undefined;
    },
    { seconds: 240, everyMs: 500 },
  );
  if (end.state !== 'succeeded') {
    throw new Error(
      `The example server did not start: ${JSON.stringify(
        end.error ?? end,
      ).slice(0, 1500)}`,
    );
  }
  return true;
}
