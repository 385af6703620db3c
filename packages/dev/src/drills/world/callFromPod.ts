import { until } from '../../../../dev-cluster/src/system/wait.ts';
import type { World } from './World.ts';

/** What a call was answered with. */
export interface CallAnswer {
  status: number;
  text: string;
}

const program = `
const { URL_TO_CALL, TOKENS } = process.env;
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {
  protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pod', version: '1' } } });
const answers = [];
for (const token of JSON.parse(TOKENS)) {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  if (token) headers.authorization = 'Bearer ' + token;
  const response = await fetch(URL_TO_CALL, { method: 'POST', headers, body }).catch(error => error);
  answers.push(response.status
    ? { status: response.status, text: (await response.text()).slice(0, 300) }
    : { status: 0, text: String(response.cause ?? response) });
}
console.log(JSON.stringify(answers));
`;

/** Opens an MCP session from a pod of its own in the cluster, once with each token (null: with none). */
export async function callFromPod(
  { kube, images }: World,
  url: string,
  tokens: ReadonlyArray<string | undefined>,
): Promise<CallAnswer[]> {
  const name = 'drill-caller';
  const remove = () =>
    kube.request('DELETE', `${kube.in('api/v1/pods')}/${name}`, {
      gracePeriodSeconds: 0,
    });
  await remove();
  await until(
    'no pod from before',
    async () => !(await kube.find('api/v1/pods', name)),
    { seconds: 30 },
  );
  await kube.create('api/v1/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'caller',
          image: images.hello.ref,
          command: ['node', '--input-type=module', '-e', program],
          env: [
            { name: 'URL_TO_CALL', value: url },
            {
              name: 'TOKENS',
              value: JSON.stringify(tokens.map(token => token ?? null)),
            },
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  });
  try {
    await until(
      'end of the calling pod',
      async () =>
        ['Succeeded', 'Failed'].includes(
          (await kube.find('api/v1/pods', name))?.status?.phase ?? '',
        ),
      { seconds: 60 },
    );
    return JSON.parse(await kube.logs(name)) as CallAnswer[];
  } finally {
    await remove();
  }
}
