import type { Capabilities } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { McpSession } from './McpSession';

/** As what the portal speaks with servers. */
export const CLIENT = { name: 'mcp-cloud', version: '1.0.0' };

type Named = { name: string; title?: string; description?: string };

/** Initializes a session and lists what the server offers. */
export async function listCapabilities(
  session: McpSession,
  revision: number,
): Promise<Capabilities> {
  const { protocolVersion, capabilities, serverInfo, instructions } =
    await session.initialize(CLIENT);
  const list = async <T>(
    offered: object | undefined,
    method: string,
    field: string,
  ): Promise<T[]> => (offered ? session.listAll<T>(method, field) : []);
  const tools = await list<Named>(capabilities.tools, 'tools/list', 'tools');
  const prompts = await list<Named>(
    capabilities.prompts,
    'prompts/list',
    'prompts',
  );
  const resources = await list<Named & { uri: string }>(
    capabilities.resources,
    'resources/list',
    'resources',
  );
  return {
    protocolVersion,
    serverInfo: {
      name: serverInfo.name,
      version: serverInfo.version,
      ...(serverInfo.title ? { title: serverInfo.title } : {}),
    },
    ...(instructions ? { instructions } : {}),
    tools: tools.map(named),
    prompts: prompts.map(named),
    resources: resources.map(resource => ({
      uri: resource.uri,
      ...named(resource),
    })),
    listedAt: new Date().toISOString(),
    revision,
  };
}

function named({ name, title, description }: Named): Named {
  return {
    name,
    ...(title ? { title } : {}),
    ...(description ? { description } : {}),
  };
}
