import { InputError } from '@backstage/errors';
import {
  clusterSchema,
  logLineSchema,
  operationSchema,
  previewChangeRequestSchema,
  previewCreateRequestSchema,
  previewSchema,
  serverDetailSchema,
  serverNameSchema,
  serverSchema,
  serverStatusSchema,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { z } from 'zod/v3';
import { defineAction, type Action, type ActionParts } from './Action';

const attributes = { readOnly: true, destructive: false, idempotent: true };

/** Actions that change nothing. */
export function readActions({
  servers,
  revisions,
  logs,
}: ActionParts): Action[] {
  return [
    defineAction({
      name: 'list-clusters',
      title: 'List clusters',
      description:
        'Lists the Kubernetes clusters that MCP servers can run on, and whether each of them answers.',
      attributes,
      input: z.object({}),
      output: z.object({ items: z.array(clusterSchema) }),
      run: async caller => ({ items: await servers.listClusters(caller) }),
    }),
    defineAction({
      name: 'list-servers',
      title: 'List hosted MCP servers',
      description:
        'Lists the hosted MCP servers that you may see, by name, with state, replicas, image, owner and last operation. Page on with the cursor of the answer.',
      attributes,
      input: z.object({
        owner: z.string().max(255).optional().describe('Entity reference'),
        cluster: z.string().max(63).optional(),
        application: z.string().max(63).optional(),
        state: serverStatusSchema.shape.state.optional(),
        q: z
          .string()
          .max(255)
          .optional()
          .describe('Found in name, application, image or owner'),
        cursor: z.string().max(2_000).optional(),
        limit: z.number().int().min(1).max(100).default(25),
      }),
      output: z.object({
        items: z.array(serverSchema),
        total: z.number(),
        nextCursor: z.string().optional(),
      }),
      async run(caller, { owner, q, ...query }) {
        const { items, total, nextCursor } = await servers.list(caller, {
          ...query,
          owners: owner === undefined ? undefined : [owner],
          text: q,
          sort: 'name',
          descending: false,
        });
        return { items, total, nextCursor };
      },
    }),
    defineAction({
      name: 'get-server',
      title: 'Get a hosted MCP server',
      description:
        'Gets one hosted MCP server: its Spec, status with cause and hint, addresses for clients, and the tools, prompts and resources that it has.',
      attributes,
      input: z.object({ name: serverNameSchema }),
      output: serverDetailSchema,
      run: (caller, { name }) => servers.get(caller, name),
    }),
    defineAction({
      name: 'get-server-logs',
      title: 'Get the logs of a hosted MCP server',
      description:
        'Gets the last lines that the pods of a hosted MCP server wrote, of all pods merged or of one.',
      attributes,
      input: z.object({
        name: serverNameSchema,
        pod: z.string().max(253).optional(),
        previous: z
          .boolean()
          .default(false)
          .describe('Of the run of the container before the current one'),
        tailLines: z.number().int().min(1).max(1_000).default(100),
      }),
      output: z.object({ items: z.array(logLineSchema) }),
      async run(caller, { name, ...query }) {
        const server = await servers.openLogs(caller, name);
        const { signal } = new AbortController();
        return { items: await logs.tail(server, query, signal) };
      },
    }),
    defineAction({
      name: 'get-operation',
      title: 'Get an operation',
      description:
        'Gets how far a change of a hosted MCP server is: its steps, and why it failed. Ask again until it has a finishedAt.',
      attributes,
      input: z.object({ id: z.string().max(36) }),
      output: operationSchema,
      run: (caller, { id }) => servers.operation(caller, id),
    }),
    defineAction({
      name: 'preview-server',
      title: 'Preview a change of a hosted MCP server',
      description:
        'Tells what a change would do, and changes nothing: which Kubernetes objects are added, changed or removed, whether pods restart, and what the cluster would refuse. Give `create` for a new server; or `name` with `change` for an update, a rollback or a deletion.',
      attributes,
      input: z.object({
        create: previewCreateRequestSchema.optional(),
        name: serverNameSchema.optional(),
        change: previewChangeRequestSchema.optional(),
      }),
      output: previewSchema,
      async run(caller, { create, name, change }) {
        if (create && !name && !change) {
          return revisions.previewCreate(caller, create);
        }
        if (name && change && !create) {
          return revisions.previewChange(caller, name, change);
        }
        throw new InputError(
          'Give either create, or name and change; not both, and not half.',
        );
      },
    }),
  ];
}
