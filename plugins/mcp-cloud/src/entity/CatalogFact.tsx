import { Link } from '@backstage/ui';
import { useApi, useRouteRef } from '@backstage/core-plugin-api';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import {
  APPLICATION_ANNOTATION,
  type ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { useLiveData } from '../api/useLiveData';
import { useText } from '../useText';

/** Where the catalog shows the server, or why it does not: another entity may have the name, or none is registered. */
export function CatalogFact({ server }: { server: ServerDetail }) {
  const t = useText();
  const route = useRouteRef(entityRouteRef);
  const catalog = useApi(catalogApiRef);
  const { application, catalogRef } = server;
  const ref = parseEntityRef(catalogRef ?? application, {
    defaultKind: 'component',
    defaultNamespace: 'default',
  });
  const name = stringifyEntityRef(ref);
  const found = useLiveData(['entity', name], async () => ({
    entity: await catalog.getEntityByRef(ref),
  })).data;
  if (found && !found.entity) {
    return catalogRef
      ? t('server.catalogMissing', { ref: name })
      : t('server.catalogSoon');
  }
  const stands =
    found?.entity?.metadata.annotations?.[APPLICATION_ANNOTATION] ===
    application;
  if (found && !stands) {
    const annotation = `${APPLICATION_ANNOTATION}: ${application}`;
    return catalogRef
      ? t('server.catalogUnmarked', { ref: name, annotation })
      : t('server.catalogClash', { ref: name });
  }
  return (
    <Link
      href={`${route({ ...ref, kind: ref.kind.toLowerCase() })}/mcp-server`}
    >
      {ref.name}
    </Link>
  );
}
