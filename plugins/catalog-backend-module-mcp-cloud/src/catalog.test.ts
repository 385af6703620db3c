import {
  coreServices,
  createBackendModule,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { ANNOTATION_LOCATION, type Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  catalogProcessingExtensionPoint,
  type EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import {
  DefaultEventsService,
  eventsServiceRef,
} from '@backstage/plugin-events-node';
import {
  APPLICATION_ANNOTATION,
  SERVERS_TOPIC,
  type Server,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import express from 'express';
import request from 'supertest';
import catalogModule from '.';
import { testServer } from './testServers';

jest.setTimeout(60_000);

const REPOSITORY = 'url:https://git.example.com/mine/catalog-info.yaml';

/** A real catalog with our module, beside a stand-in for our backend and one for a repository. */
async function aCatalog() {
  const servers: Server[] = [];
  const events = DefaultEventsService.create({
    logger: mockServices.logger.mock(),
  });
  let repository: EntityProviderConnection;
  const mcpCloud = createBackendPlugin({
    pluginId: 'mcp-cloud',
    register(env) {
      env.registerInit({
        deps: { http: coreServices.httpRouter },
        async init({ http }) {
          const router = express.Router();
          router.get('/servers', (_req, res) => {
            res.json({ items: servers });
          });
          router.get('/servers/:name/capabilities', (_req, res) => {
            res.status(404).json({ error: { name: 'NotFoundError' } });
          });
          http.use(router);
        },
      });
    },
  });
  const repositories = createBackendModule({
    pluginId: 'catalog',
    moduleId: 'repositories',
    register(env) {
      env.registerInit({
        deps: { catalog: catalogProcessingExtensionPoint },
        async init({ catalog }) {
          catalog.addEntityProvider({
            getProviderName: () => 'repositories',
            connect: async connection => {
              repository = connection;
            },
          });
        },
      });
    },
  });
  const backend = await startTestBackend({
    features: [
      catalogPlugin,
      catalogModule,
      mcpCloud,
      repositories,
      // One for all plugins, as in a portal.
      createServiceFactory({
        service: eventsServiceRef,
        deps: {},
        factory: () => events,
      }),
    ],
  });
  return {
    stop: () => backend.stop(),
    deploy: async (one: Server) => {
      servers.push(one);
      await events.publish({
        topic: SERVERS_TOPIC,
        eventPayload: { kind: 'list-changed' },
      });
    },
    /** What a `catalog-info.yaml` brings. */
    register: async (name: string, application: string) => {
      const entity: Entity = {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: {
          name,
          annotations: {
            [ANNOTATION_LOCATION]: REPOSITORY,
            'backstage.io/managed-by-origin-location': REPOSITORY,
            [APPLICATION_ANNOTATION]: application,
          },
        },
        spec: { type: 'service', lifecycle: 'production', owner: 'team-a' },
      };
      await repository.applyMutation({
        type: 'delta',
        added: [{ entity, locationKey: REPOSITORY }],
        removed: [],
      });
    },
    /** Name and source of all components. */
    components: async () => {
      const { body } = await request(backend.server).get(
        '/api/catalog/entities?filter=kind=component',
      );
      return (body as Entity[])
        .map(({ metadata }) => [
          metadata.name,
          metadata.annotations?.[ANNOTATION_LOCATION],
        ])
        .sort();
    },
  };
}

const mine = testServer({
  name: 'mine-prod',
  application: 'mine',
  catalogRef: 'component:default/mine',
});
const other = testServer({ name: 'other' });

describe('a server and the entity of its repository', () => {
  let catalog: Awaited<ReturnType<typeof aCatalog>>;
  beforeEach(async () => {
    catalog = await aCatalog();
  });
  afterEach(() => catalog.stop());

  /** What is there once it is this, or after a while. */
  const soon = async (components: unknown[]) => {
    const deadline = Date.now() + 25_000;
    let found = await catalog.components();
    while (
      JSON.stringify(found) !== JSON.stringify(components) &&
      Date.now() < deadline
    ) {
      await new Promise(resolve => setTimeout(resolve, 100));
      found = await catalog.components();
    }
    return found;
  };
  /** The other server is told of last: when it is there, the first one has been dealt with. */
  const both = [
    ['mine', REPOSITORY],
    ['other', 'mcp-cloud:servers'],
  ];

  it('are one when the entity comes first', async () => {
    await catalog.register('mine', 'mine');
    await soon([['mine', REPOSITORY]]);
    await catalog.deploy(mine);
    await catalog.deploy(other);
    expect(await soon(both)).toEqual(both);
  });

  it('are one when the server comes first', async () => {
    await catalog.deploy(mine);
    await catalog.deploy(other);
    await soon([['other', 'mcp-cloud:servers']]);
    await catalog.register('mine', 'mine');
    expect(await soon(both)).toEqual(both);
  });

  it('are one entity, that which was there, when nothing links them', async () => {
    await catalog.register('mine', 'another');
    await soon([['mine', REPOSITORY]]);
    await catalog.deploy({ ...mine, catalogRef: undefined });
    await catalog.deploy(other);
    expect(await soon(both)).toEqual(both);
  });
});
