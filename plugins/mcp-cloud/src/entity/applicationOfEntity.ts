import type { Entity } from '@backstage/catalog-model';
import { APPLICATION_ANNOTATION } from '@mcp-cloud/plugin-mcp-cloud-common';

/** The application whose servers the page of an entity shows. */
export function applicationOfEntity(entity: Entity): string {
  return (
    entity.metadata.annotations?.[APPLICATION_ANNOTATION] ??
    entity.metadata.name
  );
}
