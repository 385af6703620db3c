import type { AuthService } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  applicationOf,
  problemText,
  statusOf,
  type CreateServerRequest,
  type McpCloudClient,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import {
  chooseCluster,
  deployInputSchema,
  deployRequest,
  type DeployInput,
} from './deployInput';
import { examples } from './deployServer.examples';
import { followOperation } from './followOperation';

/** `mcp-cloud:server:deploy`: deploys a server as the person who started the task, and waits until it serves. */
export function createDeployServerAction(options: {
  auth: AuthService;
  client: McpCloudClient;
  pollMs?: number;
}) {
  const { auth, client, pollMs } = options;
  return createTemplateAction({
    id: 'mcp-cloud:server:deploy',
    description:
      'Deploys an MCP server and waits until it answers an MCP handshake.',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        spec: z =>
          own(z.custom<DeployInput['spec']>(), deployInputSchema.shape.spec),
        replicas: z =>
          own(
            z.custom<DeployInput['replicas']>(),
            deployInputSchema.shape.replicas,
          ),
        secretValues: z =>
          own(
            z.custom<DeployInput['secretValues']>(),
            deployInputSchema.shape.secretValues,
          ),
        message: z =>
          own(
            z.custom<DeployInput['message']>(),
            deployInputSchema.shape.message,
          ),
        update: z =>
          own(
            z.custom<DeployInput['update']>(),
            deployInputSchema.shape.update,
          ),
        timeoutMinutes: z =>
          own(
            z.custom<DeployInput['timeoutMinutes']>(),
            deployInputSchema.shape.timeoutMinutes,
          ),
      },
      output: {
        serverName: z => z.string().describe('Name of the server'),
        entityRef: z => z.string().describe('Its component in the catalog'),
        url: z => z.string().describe('Address for MCP clients'),
        page: z =>
          z.string().describe("The server's page, as a path of the portal"),
      },
    },
    async handler(ctx) {
      const credentials = await ctx.getInitiatorCredentials();
      // Asked for anew each time: a token lives shorter than a slow deploy.
      const token = async () =>
        (
          await auth.getPluginRequestToken({
            onBehalfOf: credentials,
            targetPluginId: 'mcp-cloud',
          })
        ).token;

      const clusters = ctx.input.spec.cluster
        ? []
        : (
            await client.listClusters({
              token: await token(),
              signal: ctx.signal,
            })
          ).items;
      const request = deployRequest(
        ctx.input,
        chooseCluster(ctx.input.spec.cluster, clusters),
      );
      const { name, catalogRef } = request.spec;
      ctx.output('serverName', name);
      ctx.output(
        'entityRef',
        catalogRef ??
          `component:default/${applicationOf(
            request.spec as { name: string },
          )}`,
      );
      ctx.output('page', `/mcp-cloud/servers/${name}`);
      if (ctx.isDryRun) {
        ctx.logger.info(
          `Dry run: would deploy ${name} from ${request.spec.image} to ${request.spec.cluster}.`,
        );
        ctx.output('url', await client.mcpUrl(name));
        return;
      }

      // A task that is resumed follows the operation that it started, and starts no other.
      const operationId = await ctx.checkpoint({
        key: `mcp-cloud.server.deploy.${name}`,
        fn: async () => {
          try {
            return (
              await start(
                client,
                request,
                Boolean(ctx.input.update),
                await token(),
              )
            ).id;
          } catch (error) {
            throw new Error(
              `${name} cannot be deployed: ${problemText(error)}`,
              { cause: error },
            );
          }
        },
      });
      ctx.logger.info(
        `Deploying ${name} to ${request.spec.cluster} (operation ${operationId})`,
      );
      const fetch = async () =>
        client.getOperation(operationId, {
          token: await token(),
          signal: ctx.signal,
        });
      await followOperation(await fetch(), {
        logger: ctx.logger,
        fetch,
        timeoutMs: (ctx.input.timeoutMinutes ?? 10) * 60_000,
        pollMs,
        signal: ctx.signal,
      });
      const server = await client.getServer(
        name,
        {},
        { token: await token(), signal: ctx.signal },
      );
      const tools = server.capabilities?.tools.map(tool => tool.name) ?? [];
      ctx.logger.info(
        `${name} serves${
          tools.length ? ` the tools ${tools.join(', ')}` : ''
        } at ${server.endpoints.portal}`,
      );
      ctx.output('url', server.endpoints.portal);
    },
  });
}

async function start(
  client: McpCloudClient,
  request: CreateServerRequest,
  update: boolean,
  token: string,
) {
  const existing = update
    ? await client
        .getServer(request.spec.name, {}, { token })
        .catch((error: unknown) => {
          if (statusOf(error) === 404) {
            return undefined;
          }
          throw error;
        })
    : undefined;
  const { operation } = existing
    ? await client.updateServer(
        existing.name,
        existing.etag,
        {
          spec: request.spec,
          secretValues: request.secretValues,
          message: request.message,
        },
        { token },
      )
    : await client.createServer(request, { token });
  return operation;
}

/**
 * Our schema in the type of the scaffolder's: both are Zod 3 schemas and read alike, but the packages may hold two
 * copies of Zod, whose types TypeScript does not take for one another.
 */
function own<S>(_type: S, schema: unknown): S {
  return schema as S;
}
