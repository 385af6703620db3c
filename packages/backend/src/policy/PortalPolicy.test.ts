import {
  AuthorizeResult,
  createPermission,
  type Permission,
} from '@backstage/plugin-permission-common';
import type { PolicyQueryUser } from '@backstage/plugin-permission-node';
import {
  mcpCloudPermissions,
  serverCreatePermission,
  serverReadPermission,
  serverResourcePermissions,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { mockCredentials } from '@backstage/backend-test-utils';
import {
  catalogEntityDeletePermission,
  catalogEntityReadPermission,
  catalogEntityRefreshPermission,
  catalogLocationCreatePermission,
  catalogLocationDeletePermission,
  catalogPermissions,
} from '@backstage/plugin-catalog-common/alpha';
import {
  kubernetesClustersReadPermission,
  kubernetesProxyPermission,
  kubernetesResourcesReadPermission,
} from '@backstage/plugin-kubernetes-common';
import {
  scaffolderPermissions,
  taskCancelPermission,
  taskReadPermission,
} from '@backstage/plugin-scaffolder-common/alpha';
import { PortalPolicy } from './PortalPolicy';

const policy = new PortalPolicy(['group:default/Administrators']);

function person(ref: string, ...groups: string[]): PolicyQueryUser {
  return {
    credentials: mockCredentials.user(ref),
    info: { userEntityRef: ref, ownershipEntityRefs: [ref, ...groups] },
  } as PolicyQueryUser;
}
const alice = person('user:default/alice', 'group:default/team-a');
const carol = person('user:default/carol', 'group:default/administrators');
const decide = (permission: Permission, user?: PolicyQueryUser) =>
  policy.handle({ permission }, user);

const everything: Permission[] = [
  ...mcpCloudPermissions,
  ...catalogPermissions,
  ...scaffolderPermissions,
  kubernetesProxyPermission,
  kubernetesClustersReadPermission,
  kubernetesResourcesReadPermission,
];

describe('PortalPolicy', () => {
  it.each(everything.map(one => [one.name, one] as const))(
    '%s: administrators may, strangers may not',
    async (_, one) => {
      expect(await decide(one, carol)).toEqual({
        result: AuthorizeResult.ALLOW,
      });
      expect(await decide(one)).toEqual({ result: AuthorizeResult.DENY });
    },
  );

  it.each([
    serverReadPermission,
    serverCreatePermission,
    catalogEntityReadPermission,
    catalogLocationCreatePermission,
    kubernetesClustersReadPermission,
    kubernetesResourcesReadPermission,
  ])('$name is open to everyone who is signed in', async permission => {
    expect(await decide(permission, alice)).toEqual({
      result: AuthorizeResult.ALLOW,
    });
  });

  const { read: _read, ...ofOwners } = serverResourcePermissions;
  it.each(Object.values(ofOwners))(
    '$name depends on who owns the server',
    async permission => {
      expect(await decide(permission, alice)).toMatchObject({
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'mcp-cloud',
        resourceType: 'mcp-server',
        conditions: {
          rule: 'IS_OWNER',
          params: { claims: ['user:default/alice', 'group:default/team-a'] },
        },
      });
    },
  );

  it.each([catalogEntityDeletePermission, catalogEntityRefreshPermission])(
    '$name depends on who owns the entity',
    async permission => {
      expect(await decide(permission, alice)).toMatchObject({
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'catalog',
        conditions: {
          rule: 'IS_ENTITY_OWNER',
          params: { claims: ['user:default/alice', 'group:default/team-a'] },
        },
      });
    },
  );

  it.each([taskReadPermission, taskCancelPermission])(
    '$name is for one’s own tasks',
    async permission => {
      expect(await decide(permission, alice)).toMatchObject({
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'scaffolder',
        conditions: { params: { createdBy: ['user:default/alice'] } },
      });
    },
  );

  it.each([
    kubernetesProxyPermission,
    catalogLocationDeletePermission,
    createPermission({
      name: 'a.plugin.of.tomorrow',
      attributes: { action: 'read' },
    }),
  ])('$name is refused to all but administrators', async permission => {
    expect(await decide(permission, alice)).toEqual({
      result: AuthorizeResult.DENY,
    });
  });

  it('knows no administrator when none is configured', async () => {
    const bare = new PortalPolicy([]);
    expect(
      await bare.handle({ permission: kubernetesProxyPermission }, carol),
    ).toEqual({ result: AuthorizeResult.DENY });
  });
});
