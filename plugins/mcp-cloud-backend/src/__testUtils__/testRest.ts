import {
  coreServices,
  createBackendPlugin,
  type BackendFeature,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { LogLine, Operation } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import request from 'supertest';
import { registerActions } from '../actions';
import type { ServicesOptions } from '../createServices';
import { migrate } from '../database/migrate';
import { SigningKeys } from '../keys/SigningKeys';
import { SigningKeyStore } from '../keys/SigningKeyStore';
import { createRouter, UNAUTHENTICATED_PATHS } from '../router/createRouter';
import { OpenStreams } from '../router/OpenStreams';
import {
  serverConditions,
  serverResourceRef,
  serverRules,
} from '../servers/permissionRules';
import type { PlatformRules } from '../servers/platformRules';
import { eventually } from './eventually';
import { FakeWorld } from './FakeWorld';
import { testServices } from './testServices';

export const ANN = 'user:default/ann';
export const BOB = 'user:default/bob';
export const ann = mockCredentials.user.header(ANN);
export const bob = mockCredentials.user.header(BOB);

/** A Spec as a person of group a writes it. */
export const spec = (extra: object = {}) => ({
  name: 'weather',
  owner: 'a',
  cluster: 'local',
  image: 'reg/weather:1',
  ...extra,
});

/**
 * The REST interface over a cluster in memory, with two people: Ann of group a may do everything, Bob of group b what
 * an owners' policy lets him; for tests.
 */
export async function testRest(
  options: {
    features?: BackendFeature[];
    config?: JsonObject;
    rules?: PlatformRules;
    services?: Partial<ServicesOptions>;
  } = {},
) {
  const world = new FakeWorld();
  const streams = new OpenStreams();
  /** Names of permissions that nobody has. */
  const denied = new Set<string>();
  const logs = {
    tail: async () => [{ pod: 'p', text: 'hello' }],
    follow: async function* none(): AsyncGenerator<LogLine> {},
  };
  const auditor = mockServices.auditor.mock({
    createEvent: async () => ({
      success: async () => {},
      fail: async () => {},
    }),
  });
  const permissions = mockServices.permissions.mock({
    authorize: async requests =>
      requests.map(({ permission }) => ({
        result: denied.has(permission.name)
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
      })),
    authorizeConditional: async (requests, asked) =>
      requests.map(({ permission }) => {
        const { principal } = (asked as { credentials: typeof annCredentials })
          .credentials;
        if (denied.has(permission.name)) {
          return { result: AuthorizeResult.DENY };
        }
        return principal.userEntityRef === BOB
          ? {
              result: AuthorizeResult.CONDITIONAL,
              pluginId: 'mcp-cloud',
              resourceType: 'mcp-server',
              conditions: serverConditions.isOwner({
                claims: [BOB, 'group:default/b'],
              }),
            }
          : { result: AuthorizeResult.ALLOW };
      }),
  });
  const annCredentials = mockCredentials.user(ANN);
  const userInfo = mockServices.userInfo.mock({
    getUserInfo: async credentials => {
      const { userEntityRef } = (credentials as typeof annCredentials)
        .principal;
      const group =
        userEntityRef === ANN ? 'group:default/a' : 'group:default/b';
      return { userEntityRef, ownershipEntityRefs: [userEntityRef, group] };
    },
  });

  let database: Knex | undefined;
  const plugin = createBackendPlugin({
    pluginId: 'mcp-cloud',
    register(env) {
      env.registerInit({
        deps: {
          actionsRegistry: actionsRegistryServiceRef,
          auth: coreServices.auth,
          database: coreServices.database,
          httpAuth: coreServices.httpAuth,
          httpRouter: coreServices.httpRouter,
          lifecycle: coreServices.lifecycle,
          permissionsRegistry: coreServices.permissionsRegistry,
        },
        async init(deps) {
          const { httpAuth, httpRouter, lifecycle } = deps;
          database = await migrate(deps.database);
          const signer = await SigningKeys.create(
            new SigningKeyStore(database, 'a secret for a test'),
          );
          const services = testServices(database, world, {
            auditor,
            permissions,
            userInfo,
            signer,
            administrators: ['group:default/admins'],
            rules: options.rules ?? {},
            operationTimeoutMs: 10_000,
            timing: { pollMs: 20, failingMs: 50, handshakeMs: 50 },
            ...options.services,
          });
          deps.permissionsRegistry.addResourceType({
            resourceRef: serverResourceRef,
            rules: Object.values(serverRules),
            getResources: ids => services.store.findMany(ids),
          });
          httpRouter.use(
            createRouter({
              ...services,
              httpAuth,
              gateway: world.gateway,
              logs,
              streams,
            }),
          );
          registerActions({ ...deps, ...services, logs });
          UNAUTHENTICATED_PATHS.forEach(path =>
            httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' }),
          );
          const background = [services.runner, services.drift];
          background.forEach(one => one.start());
          lifecycle.addShutdownHook(async () => {
            await Promise.all(background.map(one => one.stop()));
          });
        },
      });
    },
  });
  const backend = await startTestBackend({
    features: [
      plugin,
      mockServices.rootConfig.factory({ data: options.config }),
      ...(options.features ?? []),
    ],
  });
  const app = backend.server;
  const knex = database!;

  const at = (path: string) => `/api/mcp-cloud${path}`;
  const send = (
    method: 'get' | 'post' | 'put' | 'delete',
    path: string,
    body?: object,
    as = ann,
  ) => request(app)[method](at(path)).set('Authorization', as).send(body);
  const get = (path: string, as = ann) =>
    request(app).get(at(path)).set('Authorization', as);
  const post = (body: object, as = ann) => send('post', '/servers', body, as);
  const put = (name: string, etag: string, body: object, as = ann) =>
    send('put', `/servers/${name}`, body, as).set('If-Match', etag);
  const settled = (id: string): Promise<Operation> =>
    eventually(async () => {
      const { body } = await get(`/operations/${id}`);
      return body.finishedAt && body;
    });

  return {
    world,
    knex,
    app,
    streams,
    logs,
    denied,
    auditor,
    at,
    send,
    get,
    post,
    put,
    settled,
    /** Makes a server and waits until it runs. */
    async made(extra: object = {}, rest: object = {}) {
      const { body, status } = await post({ spec: spec(extra), ...rest });
      expect([status, body.error]).toEqual([202, undefined]);
      return settled(body.operation.id);
    },
    audited: () => knex('audit_events').orderBy('at').select(),
    stop: () => backend.stop(),
  };
}

/** See {@link testRest}. */
export type TestRest = Awaited<ReturnType<typeof testRest>>;
