import {
  AuthorizeResult,
  isResourcePermission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import {
  RESOURCE_TYPE_MCP_SERVER,
  serverReadPermission,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import {
  createServerConditionalDecision,
  serverConditions,
} from '@mcp-cloud/plugin-mcp-cloud-backend';
import {
  catalogConditions,
  createCatalogConditionalDecision,
} from '@backstage/plugin-catalog-backend/alpha';
import { RESOURCE_TYPE_CATALOG_ENTITY } from '@backstage/plugin-catalog-common/alpha';
import {
  createScaffolderTaskConditionalDecision,
  scaffolderTaskConditions,
} from '@backstage/plugin-scaffolder-backend/alpha';
import { RESOURCE_TYPE_SCAFFOLDER_TASK } from '@backstage/plugin-scaffolder-common/alpha';
import { openToEveryone } from './openToEveryone';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/**
 * Who may do what in this portal. Administrators may do everything. Everyone who is signed in sees all servers and
 * all of the catalog, and may make servers; to change, run, read the logs of or call a server one must own it, oneself
 * or by a group. What no line here speaks of is refused, so that a plugin that is added later opens nothing unseen.
 */
export class PortalPolicy implements PermissionPolicy {
  readonly #administrators: ReadonlySet<string>;

  constructor(administrators: readonly string[]) {
    this.#administrators = new Set(
      administrators.map(ref => ref.toLocaleLowerCase('en-US')),
    );
  }

  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) {
      return DENY;
    }
    const claims = user.info.ownershipEntityRefs;
    if (claims.some(ref => this.#administrators.has(ref))) {
      return ALLOW;
    }
    if (openToEveryone.has(permission.name)) {
      return ALLOW;
    }
    if (isResourcePermission(permission, RESOURCE_TYPE_MCP_SERVER)) {
      return permission.name === serverReadPermission.name
        ? ALLOW
        : createServerConditionalDecision(
            permission,
            serverConditions.isOwner({ claims }),
          );
    }
    if (isResourcePermission(permission, RESOURCE_TYPE_CATALOG_ENTITY)) {
      return createCatalogConditionalDecision(
        permission,
        catalogConditions.isEntityOwner({ claims }),
      );
    }
    if (isResourcePermission(permission, RESOURCE_TYPE_SCAFFOLDER_TASK)) {
      // A task holds what its person typed in.
      const createdBy = [user.info.userEntityRef];
      return createScaffolderTaskConditionalDecision(
        permission,
        scaffolderTaskConditions.isTaskOwner({ createdBy }),
      );
    }
    return DENY;
  }
}
