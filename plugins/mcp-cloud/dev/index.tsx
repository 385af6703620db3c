// The pages with a made-up backend: `yarn workspace @mcp-cloud/plugin-mcp-cloud start`, then /mcp-cloud.
import '@backstage/cli/asset-types';
// The app that holds the plugin brings this; here the plugin is alone.
// eslint-disable-next-line @backstage/no-ui-css-imports-in-non-frontend
import '@backstage/ui/css/styles.css';
import ReactDOM from 'react-dom/client';
import { useEffect } from 'react';
import { createApp } from '@backstage/frontend-defaults';
import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import { mockApis } from '@backstage/frontend-test-utils';
import { SignInPageBlueprint } from '@backstage/plugin-app-react';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import mcpCloudPlugin, { mcpCloudApiRef } from '../src';
import { FakeMcpCloud } from '../src/__testUtils__/FakeMcpCloud';
import {
  ago,
  DEGRADED,
  failed,
  operation,
  pod,
  server,
  STOPPED,
} from '../src/__testUtils__/fixtures';

const fake = new FakeMcpCloud();
fake.servers = [
  server({
    operation: operation({ kind: 'scale', replicas: 3 }),
    spec: { env: { API_URL: 'https://api.example.com' }, secrets: ['API_KEY'] },
  }),
  server({
    name: 'everything-prod',
    application: 'everything',
    environment: 'production',
    cluster: 'prod-1',
  }),
  server({
    name: 'github-tools',
    owner: 'group:default/team-b',
    environment: 'prod',
    status: DEGRADED,
    updatedAt: ago(120_000),
    operation: failed(
      operation({ kind: 'deploy', revision: 7, id: 'operation-2' }),
    ),
  }),
  server({
    name: 'sql-explorer',
    environment: 'dev',
    status: STOPPED,
    runState: 'stopped',
    allowed: ['read'],
  }),
];
fake.servers.forEach(
  ({ operation: one }) => one && fake.operations.set(one.id, one),
);
fake.pods = [
  pod({
    revision: 6,
    restarts: 1,
    containers: [
      {
        name: 'server',
        image: 'x',
        ready: true,
        restarts: 1,
        state: 'running',
        lastTermination: {
          reason: 'OOMKilled',
          exitCode: 137,
          at: ago(10_800_000),
        },
      },
    ],
  }),
  pod({ name: 'mcp-everything-8d1a-k81' }),
  pod({
    name: 'mcp-everything-8d1a-pq4',
    state: 'ContainerCreating',
    ready: false,
    cpuMillicores: undefined,
    memoryBytes: undefined,
    createdAt: ago(4_000),
  }),
];
fake.events = [
  {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: 'Scaled up replica set mcp-everything-8d1a to 3',
    count: 1,
    lastAt: ago(120_000),
    object: { kind: 'Deployment', name: 'mcp-everything' },
  },
  {
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container server',
    count: 4,
    lastAt: ago(60_000),
    object: { kind: 'Pod', name: 'mcp-everything-7c9f-x2x' },
  },
];
fake.metrics = {
  stepSeconds: 10,
  samples: Array.from({ length: 90 }, (_, i) => ({
    at: ago((90 - i) * 10_000),
    cpuMillicores: 40 + 25 * Math.sin(i / 9) + (i % 7),
    memoryBytes: (420 + 90 * Math.sin(i / 20)) * 1024 * 1024,
    pods: 3,
  })),
  limits: { memoryBytes: 1536 * 1024 * 1024 },
};
setInterval(
  () =>
    fake.writeLog({
      pod: fake.pods[Math.floor(Math.random() * 2)].name,
      at: ago(0),
      text: `tools/call echo finished in ${Math.ceil(Math.random() * 40)} ms`,
    }),
  400,
);

const catalog = catalogApiMock({
  entities: [
    {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: {
        name: 'everything',
        annotations: { 'mcp-cloud.io/application': 'everything' },
      },
      spec: { type: 'mcp-server', owner: 'team-a', lifecycle: 'production' },
    },
    {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Group',
      metadata: { name: 'team-a' },
      spec: { type: 'team', children: [] },
    },
  ],
});

const ana = mockApis.identity({
  userEntityRef: 'user:default/ana',
  ownershipEntityRefs: ['user:default/ana', 'group:default/team-a'],
});
const signIn = SignInPageBlueprint.make({
  params: {
    loader: async () =>
      function SignedIn({ onSignInSuccess }) {
        useEffect(() => onSignInSuccess(ana), [onSignInSuccess]);
        return null;
      },
  },
});

const app = createApp({
  features: [
    mcpCloudPlugin,
    catalogPlugin,
    createFrontendModule({ pluginId: 'app', extensions: [signIn] }),
    createFrontendModule({
      pluginId: 'mcp-cloud',
      extensions: [
        ApiBlueprint.make({
          params: define =>
            define({ api: mcpCloudApiRef, deps: {}, factory: () => fake }),
        }),
      ],
    }),
    createFrontendModule({
      pluginId: 'catalog',
      extensions: [
        ApiBlueprint.make({
          params: define =>
            define({ api: catalogApiRef, deps: {}, factory: () => catalog }),
        }),
      ],
    }),
  ],
});

ReactDOM.createRoot(document.getElementById('root')!).render(app.createRoot());
