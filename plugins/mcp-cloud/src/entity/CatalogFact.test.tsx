import type { Entity } from '@backstage/catalog-model';
import { screen } from '@testing-library/react';
import { FakeMcpCloud } from '../__testUtils__/FakeMcpCloud';
import { server } from '../__testUtils__/fixtures';
import { renderPage } from '../__testUtils__/renderPage';
import { CatalogFact } from './CatalogFact';

const component = (name: string, application?: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name,
    ...(application && {
      annotations: { 'mcp-cloud.io/application': application },
    }),
  },
});

function render(entities: Entity[], catalogRef?: string) {
  renderPage(<CatalogFact server={server({ catalogRef })} />, {
    fake: new FakeMcpCloud(),
    entities,
  });
}

describe('what the catalog has of a server', () => {
  it('is the entity that was made for it', async () => {
    render([component('everything', 'everything')]);
    expect(
      await screen.findByRole('link', { name: 'everything' }),
    ).toHaveAttribute(
      'href',
      '/catalog/default/component/everything/mcp-server',
    );
  });

  it('is the entity of its repository', async () => {
    render([component('mine', 'everything')], 'component:default/mine');
    expect(await screen.findByRole('link', { name: 'mine' })).toHaveAttribute(
      'href',
      '/catalog/default/component/mine/mcp-server',
    );
  });

  it.each<[string, Entity[], string | undefined, RegExp]>([
    ['nothing yet', [], undefined, /within a few seconds/],
    [
      'no entity of its repository yet',
      [],
      'component:default/mine',
      /component:default\/mine .* Register its catalog-info.yaml/,
    ],
    [
      'one that does not say what it stands for',
      [component('mine')],
      'component:default/mine',
      /annotation “mcp-cloud.io\/application: everything”/,
    ],
    [
      'one of the same name from elsewhere',
      [component('everything')],
      undefined,
      /component:default\/everything is there from elsewhere.*catalogRef/,
    ],
  ])('is %s, which it says', async (_what, entities, catalogRef, words) => {
    render(entities, catalogRef);
    expect(await screen.findByText(words)).toBeInTheDocument();
    expect(screen.queryByRole('link')).toBeNull();
  });
});
