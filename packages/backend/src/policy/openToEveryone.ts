import {
  serverCreatePermission,
  serverReadPermission,
} from '@mcp-cloud/plugin-mcp-cloud-common';

/**
 * Permissions that everyone who is signed in has, by name. Missing on purpose: `catalog.location.delete` and
 * `catalog.ingestion.*` (they reach entities of others), `kubernetes.proxy` (it reaches the whole cluster).
 */
export const openToEveryone: ReadonlySet<string> = new Set([
  serverReadPermission.name,
  serverCreatePermission.name, // the backend itself holds that the owner is one of the caller's own

  'catalog.entity.read',
  'catalog.entity.create',
  'catalog.entity.validate',
  'catalog.location.read',
  // `catalog.rules` in app-config keeps people and groups out of what can be registered this way.
  'catalog.location.create',
  'catalog.location.analyze',

  'scaffolder.action.execute',
  'scaffolder.template.parameter.read',
  'scaffolder.template.step.read',
  'scaffolder.template.dry-run',
  'scaffolder.template.management',
  'scaffolder.task.create',

  // What the stock Kubernetes tab reads.
  'kubernetes.clusters.read',
  'kubernetes.resources.read',
]);
