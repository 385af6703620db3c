import { screen } from '@testing-library/react';
import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import {
  catalogApiMock,
  createTestEntityPage,
} from '@backstage/plugin-catalog-react/testUtils';
import { mcpCloudApiRef } from './api/mcpCloudApi';
import { mcpCloudPlugin } from './plugin';
import { FakeMcpCloud } from './__testUtils__/FakeMcpCloud';
import { server } from './__testUtils__/fixtures';

const component = (type: string) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'tools',
    annotations: { 'mcp-cloud.io/application': 'everything' },
  },
  spec: { type },
});

function renderApp(path: string, type = 'mcp-server') {
  const fake = new FakeMcpCloud();
  fake.servers = [
    server(),
    server({
      name: 'everything-prod',
      application: 'everything',
      environment: 'a-production',
    }),
    server({ name: 'unrelated' }),
  ];
  renderTestApp({
    features: [mcpCloudPlugin],
    extensions: [createTestEntityPage({ entity: component(type) })],
    initialRouteEntries: [path],
    apis: [
      [mcpCloudApiRef, fake],
      [catalogApiRef, catalogApiMock()],
      mockApis.identity({ userEntityRef: 'user:default/ana' }),
    ],
  });
}

describe('the plugin', () => {
  it('puts the dashboard at /mcp-cloud', async () => {
    renderApp('/mcp-cloud');
    expect(
      await screen.findByRole('link', { name: 'everything' }),
    ).toHaveAttribute('href', '/mcp-cloud/servers/everything');
  });

  it('has a tab for MCP servers, with the environments of the application', async () => {
    // The test page shows card and tab together.
    renderApp('/');
    expect(
      await screen.findByRole('heading', { name: 'everything-prod' }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('button', { name: /Environment/ }),
    ).toHaveTextContent('a-production');
  });

  it('opens the environment that a link names', async () => {
    renderApp('/?environment=staging');
    expect(
      await screen.findByRole('heading', { name: 'everything' }),
    ).toBeInTheDocument();
  });

  it('has a card on the overview of MCP servers, and on no other entity', async () => {
    renderApp('/');
    expect(
      await screen.findByRole('link', { name: 'everything, staging' }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'everything-prod, a-production' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('link', { name: /unrelated/ }),
    ).not.toBeInTheDocument();
  });

  it('leaves other entities alone', async () => {
    renderApp('/', 'service');
    expect(await screen.findByTestId('empty-entity-page')).toBeInTheDocument();
  });
});
