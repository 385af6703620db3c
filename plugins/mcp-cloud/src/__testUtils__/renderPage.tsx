import {
  convertLegacyRouteRef,
  convertLegacyRouteRefs,
} from '@backstage/core-compat-api';
import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { type SignalApi, signalApiRef } from '@backstage/plugin-signals-react';
import { identityApiRef, storageApiRef } from '@backstage/core-plugin-api';
import type { ServersSignal } from '@mcp-cloud/plugin-mcp-cloud-common';
import { SWRConfig } from 'swr';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import {
  deployRouteRef,
  editRouteRef,
  rootRouteRef,
  serverRouteRef,
  templatesRouteRef,
} from '../routes';
import type { FakeMcpCloud } from './FakeMcpCloud';

convertLegacyRouteRefs({ deployRouteRef, serverRouteRef, editRouteRef });

/** Signals that a test sends. */
export class FakeSignals implements SignalApi {
  #listeners = new Set<(message: never) => void>();

  subscribe(_channel: string, listener: (message: never) => void) {
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  send(signal: ServersSignal) {
    this.#listeners.forEach(listener => listener(signal as never));
  }
}

interface RenderPageOptions {
  fake: FakeMcpCloud;
  /** Where the page is opened. */
  at?: string;
  withoutTemplates?: boolean;
  /** In the catalog, besides two teams. */
  entities?: Entity[];
}

/** Renders a page as a portal would, with the made-up backend, a signed-in person of team-a and a small catalog. */
export function renderPage(
  element: JSX.Element,
  { fake, at = '/', withoutTemplates, entities = [] }: RenderPageOptions,
) {
  const signals = new FakeSignals();
  const catalog = catalogApiMock({
    entities: [
      ...['team-a', 'team-b'].map(name => ({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Group',
        metadata: { name },
        spec: { type: 'team', children: [] },
      })),
      ...entities,
    ],
  });
  const identity = mockApis.identity({
    userEntityRef: 'user:default/ana',
    ownershipEntityRefs: ['user:default/ana', 'group:default/team-a'],
  });
  renderInTestApp(
    // A cache of its own for each test; else one would see the servers of another.
    <SWRConfig value={{ provider: () => new Map(), dedupingInterval: 0 }}>
      {element}
    </SWRConfig>,
    {
      initialRouteEntries: [at],
      mountedRoutes: {
        '/mcp-cloud': convertLegacyRouteRef(rootRouteRef),
        '/catalog/:namespace/:kind/:name':
          convertLegacyRouteRef(entityRouteRef),
        ...(withoutTemplates
          ? {}
          : { '/create': convertLegacyRouteRef(templatesRouteRef) }),
      },
      apis: [
        [mcpCloudApiRef, fake],
        [signalApiRef, signals],
        [catalogApiRef, catalog],
        [identityApiRef, identity],
        [storageApiRef, mockApis.storage()],
      ],
    },
  );
  return { signals };
}
