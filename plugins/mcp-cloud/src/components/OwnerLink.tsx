import { EntityRefLink } from '@backstage/plugin-catalog-react';

/** A link to the page of a person, group or system. */
export function OwnerLink({
  entityRef,
  kind = 'group',
}: {
  entityRef: string;
  kind?: string;
}) {
  return <EntityRefLink entityRef={entityRef} defaultKind={kind} hideIcon />;
}
