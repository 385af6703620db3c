import { NotFoundError } from '@backstage/errors';
import {
  operationSchema,
  replicasSchema,
  serverNameSchema,
  serverSpecSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { z } from 'zod/v3';
import { defineAction, type Action, type ActionParts } from './Action';

const idempotencyKey = z
  .string()
  .max(255)
  .optional()
  .describe(
    'A key of your own choice: the same call with the same key within 24 hours is carried out once',
  );
const named = z.object({ name: serverNameSchema, idempotencyKey });
const message = z.string().max(500).optional().describe('Why, for the history');
const output = z.object({ operation: operationSchema });
const FOLLOW = 'Answers with an operation; follow it with get-operation.';

const RUN = [
  {
    act: 'stop',
    title: 'Stop a hosted MCP server',
    description: `Ends all pods and sessions of a hosted MCP server. Its configuration, secrets and address stay. ${FOLLOW}`,
    attributes: { readOnly: false, destructive: true, idempotent: true },
  },
  {
    act: 'start',
    title: 'Start a hosted MCP server',
    description: `Starts a hosted MCP server that was stopped. ${FOLLOW}`,
    attributes: { readOnly: false, destructive: false, idempotent: true },
  },
  {
    act: 'restart',
    title: 'Restart a hosted MCP server',
    description: `Replaces the pods of a hosted MCP server one after another. Their sessions end; clients reconnect. ${FOLLOW}`,
    attributes: { readOnly: false, destructive: true, idempotent: false },
  },
] as const;

/** Actions that change a server. Each answers with the operation that carries the change out. */
export function changeActions({ servers, revisions }: ActionParts): Action[] {
  return [
    defineAction({
      name: 'deploy-server',
      title: 'Deploy an MCP server',
      description: `Makes a hosted MCP server from an image that holds the bridge, or deploys a new revision of the one that has this name. Values of secrets are not taken here; set them on the server's page. Preview the change first. ${FOLLOW}`,
      attributes: { readOnly: false, destructive: true, idempotent: false },
      input: z.object({
        spec: serverSpecSchema,
        replicas: replicasSchema
          .default(1)
          .describe(
            'Number of pods of a new server; for one that is there use scale-server',
          ),
        etag: z
          .string()
          .max(64)
          .optional()
          .describe(
            'The etag of the server as you read it: the update is refused when somebody changed it since',
          ),
        message,
        idempotencyKey,
      }),
      output,
      async run(caller, { spec, replicas, etag = '*', message: why }) {
        const exists = await servers.get(caller, spec.name).then(
          () => true,
          error => {
            if (error instanceof NotFoundError) {
              return false;
            }
            throw error;
          },
        );
        const change = { spec, message: why };
        return {
          operation: exists
            ? await servers.update(caller, spec.name, etag, change)
            : await servers.create(caller, { ...change, replicas }),
        };
      },
    }),
    defineAction({
      name: 'scale-server',
      title: 'Scale a hosted MCP server',
      description: `Sets how many pods a hosted MCP server has while it runs. Fewer pods end the sessions of those that go. ${FOLLOW}`,
      attributes: { readOnly: false, destructive: true, idempotent: true },
      input: named.extend({ replicas: replicasSchema }),
      output,
      run: async (caller, { name, replicas }) => ({
        operation: await servers.scale(caller, name, replicas),
      }),
    }),
    ...RUN.map(({ act, ...rest }) =>
      defineAction({
        ...rest,
        name: `${act}-server`,
        input: named,
        output,
        run: async (caller, { name }) => ({
          operation: await servers.operate(caller, name, act),
        }),
      }),
    ),
    defineAction({
      name: 'rollback-server',
      title: 'Roll back a hosted MCP server',
      description: `Goes back to an earlier revision of a hosted MCP server, by a new revision with its Spec and secrets. A stopped server stays stopped. Preview it first. ${FOLLOW}`,
      attributes: { readOnly: false, destructive: true, idempotent: false },
      input: named.extend({ revision: z.number().int().min(1), message }),
      output,
      run: async (caller, { name, revision, message: why }) => ({
        operation: await revisions.rollback(caller, name, {
          revision,
          message: why,
        }),
      }),
    }),
    defineAction({
      name: 'delete-server',
      title: 'Delete a hosted MCP server',
      description: `Deletes a hosted MCP server with its secrets and address for good. This cannot be undone. ${FOLLOW}`,
      attributes: { readOnly: false, destructive: true, idempotent: true },
      input: named,
      output,
      run: async (caller, { name }) => ({
        operation: await servers.delete(caller, name),
      }),
    }),
  ];
}
