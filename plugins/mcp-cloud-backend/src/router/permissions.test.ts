import {
  actionsRegistryServiceFactory,
  actionsServiceFactory,
} from '@backstage/backend-defaults/alpha';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import mcpActions from '@backstage/plugin-mcp-actions-backend';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { spec, testRest, type TestRest } from '../__testUtils__/testRest';
import { serverConditions } from '../servers/permissionRules';
import { ROUTES } from './routes';

jest.setTimeout(120_000);

/** Everyone sees servers, readers do no more, owners operate their own: much as the demo portal's policy has it. */
const OWNER = 'user:default/owner';
const OTHER = 'user:default/other';
const READER = 'user:default/reader';
const ADMIN = 'user:default/admin';
const groups: Record<string, string> = {
  [OWNER]: 'group:default/a',
  [OTHER]: 'group:default/b',
  [READER]: 'group:default/readers',
  [ADMIN]: 'group:default/admins',
};
const WHO = {
  anonymous: mockCredentials.none.header(),
  reader: mockCredentials.user.header(READER),
  owner: mockCredentials.user.header(OWNER),
  'another owner': mockCredentials.user.header(OTHER),
  administrator: mockCredentials.user.header(ADMIN),
  service: mockCredentials.service.header(),
};
type Who = keyof typeof WHO;

/** What a caller needs for a route. */
type Need =
  | 'nothing'
  | 'sign-in'
  | 'read'
  | 'create'
  | 'create for anyone'
  | 'own'
  | 'own, as a person'
  | 'administrator';
const MAY: Record<Need, Who[]> = {
  nothing: Object.keys(WHO) as Who[],
  'sign-in': ['reader', 'owner', 'another owner', 'administrator', 'service'],
  read: ['reader', 'owner', 'another owner', 'administrator', 'service'],
  create: ['owner', 'administrator', 'service'],
  'create for anyone': ['owner', 'another owner', 'administrator', 'service'],
  own: ['owner', 'administrator', 'service'],
  'own, as a person': ['owner', 'administrator'],
  administrator: ['administrator', 'service'],
};

interface Ask {
  need: Need;
  body?: object;
  /** In place of the route's, with its parameters filled in. */
  query?: string;
  ifMatch?: boolean;
}
const NAME = 'weather';
const change = { spec: spec({ name: NAME, env: { A: 'b' } }) };

/** Every route, and what it takes. One that is missing here fails the test. */
const ASKS: Record<string, Ask> = {
  'get /health': { need: 'nothing' },
  'get /openapi.json': { need: 'sign-in' },
  'get /spec.schema.json': { need: 'sign-in' },
  'get /clusters': { need: 'read' },
  'get /servers': { need: 'read' },
  'post /servers': { need: 'create', body: { spec: spec({ name: 'second' }) } },
  'post /servers/preview': {
    need: 'create',
    body: { spec: spec({ name: 'third' }) },
  },
  'get /servers/:name': { need: 'read' },
  'put /servers/:name': { need: 'own', body: change, ifMatch: true },
  'delete /servers/:name': { need: 'own' },
  'post /servers/:name/preview': {
    need: 'own',
    body: { action: 'update', ...change },
  },
  'post /servers/:name/scale': { need: 'own', body: { replicas: 2 } },
  'post /servers/:name/stop': { need: 'own' },
  'post /servers/:name/start': { need: 'own' },
  'post /servers/:name/restart': { need: 'own' },
  'post /servers/:name/rollback': { need: 'own', body: { revision: 1 } },
  // To whoever reads where it comes from, and owns where it goes.
  'post /servers/:name/promote': { need: 'own', body: { to: 'production' } },
  'post /servers/:name/move': { need: 'own', body: { cluster: 'other' } },
  'get /servers/:name/revisions': { need: 'read' },
  'get /servers/:name/revisions/:number': { need: 'read' },
  'get /servers/:name/revisions/:number/diff': {
    need: 'read',
    query: '?against=1',
  },
  'put /servers/:name/revisions/:number/label': {
    need: 'own',
    body: { label: 'stable' },
  },
  'get /servers/:name/status': { need: 'read' },
  'get /servers/:name/pods': { need: 'read' },
  'get /servers/:name/events': { need: 'read' },
  'get /servers/:name/metrics': { need: 'read' },
  'get /servers/:name/usage': { need: 'read' },
  'get /servers/:name/capabilities': { need: 'read' },
  'get /servers/:name/manifests': { need: 'read' },
  'get /servers/:name/drift': { need: 'read' },
  'post /servers/:name/drift/repair': { need: 'own' },
  'get /servers/:name/logs': { need: 'own' },
  'post /servers/:name/tokens': { need: 'own, as a person', body: {} },
  'delete /servers/:name/tokens': { need: 'own' },
  'get /servers/:name/keys': { need: 'own' },
  'post /servers/:name/keys': { need: 'own', body: { name: 'ci' } },
  'delete /servers/:name/keys/:id': { need: 'own' },
  'get /servers/:name/operations': { need: 'read' },
  'get /operations': { need: 'read' },
  'get /operations/:id': { need: 'read' },
  'post /operations/:id/cancel': { need: 'own' },
  'get /images': { need: 'create for anyone', query: '?ref=reg/weather:1' },
  'get /quota': { need: 'read' },
  'get /audit': { need: 'read' },
  'get /export': { need: 'administrator' },
  'post /import': { need: 'administrator' },
  'get /orphans': { need: 'administrator' },
  'delete /orphans/:cluster/:serverId': { need: 'administrator' },
  'get /servers/:name/mcp': { need: 'own' },
  'post /servers/:name/mcp': { need: 'own', body: { jsonrpc: '2.0' } },
  'delete /servers/:name/mcp': { need: 'own' },
};

/** The same for the actions that agents get. */
const TOOLS: Record<string, { need: Need; args?: object }> = {
  'list-clusters': { need: 'read' },
  'list-servers': { need: 'read' },
  'get-server': { need: 'read', args: { name: NAME } },
  'get-server-logs': { need: 'own', args: { name: NAME } },
  'preview-server': {
    need: 'own',
    args: { name: NAME, change: { action: 'delete' } },
  },
  'scale-server': { need: 'own', args: { name: NAME, replicas: 2 } },
  'stop-server': { need: 'own', args: { name: NAME } },
  'start-server': { need: 'own', args: { name: NAME } },
  'restart-server': { need: 'own', args: { name: NAME } },
  'rollback-server': { need: 'own', args: { name: NAME, revision: 1 } },
  'deploy-server': {
    need: 'create',
    args: { spec: spec({ name: 'fourth' }) },
  },
  'get-operation': { need: 'read' },
  'delete-server': { need: 'own', args: { name: NAME } },
};

const permissions = mockServices.permissions.mock({
  authorize: async (requests, { credentials }: any) =>
    requests.map(() => ({
      result:
        credentials.principal.userEntityRef === READER
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
    })),
  authorizeConditional: async (requests, { credentials }: any) =>
    requests.map(({ permission }) => {
      const { userEntityRef: ref } = credentials.principal;
      if (!ref || ref === ADMIN || permission.name.endsWith('.read')) {
        return { result: AuthorizeResult.ALLOW };
      }
      return {
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'mcp-cloud',
        resourceType: 'mcp-server',
        conditions: serverConditions.isOwner({ claims: [ref, groups[ref]] }),
      };
    }),
});
const userInfo = mockServices.userInfo.mock({
  getUserInfo: async (credentials: any) => {
    const ref = credentials.principal.userEntityRef;
    return { userEntityRef: ref, ownershipEntityRefs: [ref, groups[ref]] };
  },
});

describe('what callers may do', () => {
  let rest: TestRest;
  /** The operation that made the server, and what `If-Match` wants of it. */
  let operationId: string;
  let etag: string;
  beforeEach(async () => {
    rest = await testRest({
      services: { permissions, userInfo },
      features: [
        mcpActions,
        actionsRegistryServiceFactory,
        actionsServiceFactory,
      ],
      config: {
        backend: { actions: { pluginSources: ['mcp-cloud'] } },
        mcpActions: { namespacedToolNames: false },
      },
    });
    const { body } = await rest.post({ spec: spec({ name: NAME }) }, WHO.owner);
    operationId = body.operation.id;
    await rest.settled(operationId);
    const production = spec({
      name: 'weather-prod',
      application: NAME,
      environment: 'production',
    });
    const made = await rest.post({ spec: production }, WHO.owner);
    await rest.settled(made.body.operation.id);
    etag = (await rest.get(`/servers/${NAME}`, WHO.owner)).body.etag;
  });
  afterEach(() => rest.stop());

  const answerTo = async (route: string, who: Who) => {
    const [method, path] = route.split(' ');
    const { body, query = '', ifMatch } = ASKS[route];
    const at =
      path
        .replace(':name', NAME)
        .replace(':number', '1')
        .replace('/operations/:id', `/operations/${operationId}`)
        .replace(':id', 'k')
        .replace(':cluster', 'local')
        .replace(':serverId', 'gone') + query;
    const asked = rest.send(method as 'get', at, body, WHO[who]);
    if (ifMatch) asked.set('If-Match', etag);
    return asked;
  };

  it('is known of every route', () => {
    expect(Object.keys(ASKS).sort()).toEqual(
      ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  it.each(Object.keys(ASKS))('%s', async route => {
    const { need } = ASKS[route];
    const refused = (Object.keys(WHO) as Who[]).filter(
      who => !MAY[need].includes(who),
    );
    for (const who of refused) {
      const before = (await rest.audited()).length;
      const { status, body } = await answerTo(route, who);
      expect([who, status]).toEqual([who, who === 'anonymous' ? 401 : 403]);
      expect(body.error.message).toBeTruthy();
      // A refusal of somebody is remembered; nobody without a name is let in far enough for that.
      const news = (await rest.audited()).slice(before);
      expect(news.map(({ outcome }) => outcome)).toEqual(
        who === 'anonymous' ? [] : ['refused'],
      );
    }
    for (const who of MAY[need]) {
      const { status } = await answerTo(route, who);
      expect([who, [401, 403, 500].includes(status), status]).toEqual([
        who,
        false,
        status,
      ]);
    }
  });

  it('is the same for actions', async () => {
    const clientOf = async (who: Who) => {
      const client = new Client({ name: 'agent', version: '1' });
      await client.connect(
        new StreamableHTTPClientTransport(
          new URL(`http://localhost:${rest.app.port()}/api/mcp-actions/v1`),
          { requestInit: { headers: { Authorization: WHO[who] } } },
        ),
      );
      return client;
    };
    await expect(clientOf('anonymous')).rejects.toThrow();
    const people = (Object.keys(WHO) as Who[]).filter(
      who => who !== 'anonymous',
    );
    const clients = new Map<Who, Client>();
    for (const who of people) clients.set(who, await clientOf(who));
    const { tools } = await clients.get('owner')!.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(
      Object.keys(TOOLS).sort(),
    );
    for (const [name, { need, args }] of Object.entries(TOOLS)) {
      // Who may comes last, as the server may be gone then.
      const order = [...people].sort(
        (a, b) => +MAY[need].includes(a) - +MAY[need].includes(b),
      );
      for (const who of order) {
        const { content, isError } = await clients.get(who)!.callTool({
          name,
          arguments: { ...(args ?? { id: operationId }) },
        });
        const [{ text }] = content as Array<{ text: string }>;
        const isRefused = Boolean(isError) && /You (may|do) not/.test(text);
        expect([name, who, isRefused]).toEqual([
          name,
          who,
          !MAY[need].includes(who),
        ]);
      }
    }
    await Promise.all([...clients.values()].map(client => client.close()));
  });
});
