import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  type ApiEntity,
  type ComponentEntity,
  type Entity,
} from '@backstage/catalog-model';
import {
  APPLICATION_ANNOTATION,
  applicationOf,
  KUBERNETES_ID,
  KUBERNETES_NAMESPACE_ANNOTATION,
  MCP_SERVER_TYPE,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { stringify } from 'yaml';
import type { CatalogedServer } from './ServerSource';

/** Environments whose servers others may rely on; a server made without one is no experiment either. */
const PRODUCTION = ['production', 'prod', 'default'];

/** Where the entities say that they come from. Not a `url`: there is no file that a page could link to. */
const LOCATION = 'mcp-cloud:servers';

/** A component (what runs) and an API (what clients use) for each application. */
export function toEntities(servers: readonly CatalogedServer[]): Entity[] {
  const applications = new Map<string, CatalogedServer[]>();
  for (const one of servers) {
    const application = applicationOf(one.server);
    applications.set(application, [
      ...(applications.get(application) ?? []),
      one,
    ]);
  }
  return [...applications.entries()]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([application, members]) =>
      entitiesOf(application, [...members].sort(mostReliedOnFirst)),
    );
}

function entitiesOf(application: string, members: CatalogedServer[]): Entity[] {
  // Servers of one application may differ in owner; the one that others rely on most speaks for it.
  const [main] = members;
  const capabilities = members.find(
    member => member.capabilities,
  )?.capabilities;
  const description =
    firstLine(capabilities?.instructions) ??
    (capabilities
      ? `MCP server ${
          capabilities.serverInfo.title ?? capabilities.serverInfo.name
        }`
      : 'Hosted MCP server');
  const metadata = {
    name: application,
    description,
    annotations: {
      [ANNOTATION_LOCATION]: LOCATION,
      [ANNOTATION_ORIGIN_LOCATION]: LOCATION,
      [APPLICATION_ANNOTATION]: application,
      [KUBERNETES_ID]: application,
      [KUBERNETES_NAMESPACE_ANNOTATION]: main.server.namespace,
    },
  };
  const common = {
    type: MCP_SERVER_TYPE,
    lifecycle: PRODUCTION.includes(main.server.environment)
      ? 'production'
      : 'experimental',
    owner: main.server.owner,
    ...(main.server.system ? { system: main.server.system } : {}),
  };
  const remotes = members.map(({ url }) => ({ type: 'streamable-http', url }));
  const component: ComponentEntity = {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { ...metadata, tags: ['mcp'] },
    spec: { ...common, providesApis: [`api:default/${application}`] },
  };
  const api: ApiEntity & {
    spec: { remotes: Array<{ type: string; url: string }> };
  } = {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: { ...metadata, tags: ['mcp'] },
    spec: {
      ...common,
      // Catalogs with the model of MCP servers want `remotes`, all others a `definition`.
      remotes,
      definition: stringify({
        name: application,
        description,
        version: capabilities?.serverInfo.version ?? '0.0.0',
        remotes,
        tools: (capabilities?.tools ?? []).map(
          ({ name, title, description: text }) => ({
            name,
            ...(title ? { title } : {}),
            ...(text ? { description: text } : {}),
          }),
        ),
      }),
    },
  };
  return [component, api];
}

function mostReliedOnFirst(a: CatalogedServer, b: CatalogedServer): number {
  const rank = ({ server }: CatalogedServer) => {
    const at = PRODUCTION.indexOf(server.environment);
    return at === -1 ? PRODUCTION.length : at;
  };
  return rank(a) - rank(b) || compare(a.server.name, b.server.name);
}

/** By code units, so that the order is the same in every locale. */
function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

function firstLine(text: string | undefined): string | undefined {
  // Instructions often begin with a heading, which a page would show in its size.
  const line = text?.trim().split('\n')[0].replace(/^#+/, '').trim();
  return line ? line.slice(0, 300) : undefined;
}
