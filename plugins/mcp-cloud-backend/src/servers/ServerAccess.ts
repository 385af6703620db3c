import type {
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type PermissionCriteria,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  serverCreatePermission,
  serverResourcePermissions,
  type ServerAction,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { Caller } from './Caller';
import { serverRules } from './permissionRules';
import type { ServerFilter } from './ServerFilter';
import { normaliseRef } from './normaliseRef';

const ACTIONS = Object.keys(serverResourcePermissions) as ServerAction[];
const rules = Object.values(serverRules);
const isAuthorized = createConditionAuthorizer<
  Pick<ServerRow, 'owner' | 'cluster' | 'namespace'>,
  ServerFilter
>(rules);
const toCriteria = createConditionTransformer<ServerFilter, typeof rules>(
  rules,
);

/** In words, for refusals. */
const WORDS: Record<ServerAction, string> = {
  read: 'see',
  update: 'change',
  delete: 'delete',
  operate: 'scale, stop, start or restart',
  logs: 'read the logs of',
  secrets: 'set the secrets of',
  call: 'call',
};

/** Decides what a caller may do, by the permission policy and the rule of owners. */
export class ServerAccess {
  readonly #permissions: PermissionsService;
  readonly #userInfo: UserInfoService;
  readonly #administrators: ReadonlySet<string>;

  constructor(options: {
    permissions: PermissionsService;
    userInfo: UserInfoService;
    administrators: string[];
  }) {
    this.#permissions = options.permissions;
    this.#userInfo = options.userInfo;
    this.#administrators = new Set(
      options.administrators.map(ref =>
        normaliseRef(ref, 'group', 'mcpCloud.administrators'),
      ),
    );
  }

  /** Throws when the caller may not do all of this with the server. */
  async assertMay(
    caller: Caller,
    actions: ServerAction[],
    row: ServerRow,
  ): Promise<void> {
    const decisions = await this.#decide(caller, actions);
    for (const [index, action] of actions.entries()) {
      if (!isAuthorized(decisions[index], row)) {
        throw new NotAllowedError(
          `You may not ${WORDS[action]} the server "${row.name}".`,
        );
      }
    }
  }

  /** What the caller may do with a server, for many servers by one question to the policy. */
  async allowedFor(
    caller: Caller,
  ): Promise<(row: ServerRow) => ServerAction[]> {
    const decisions = await this.#decide(caller, ACTIONS);
    return row =>
      ACTIONS.filter((_, index) => isAuthorized(decisions[index], row));
  }

  /** Which servers the caller may see: all of them (`undefined`), or those that fulfil the criteria. */
  async readable(
    caller: Caller,
  ): Promise<PermissionCriteria<ServerFilter> | undefined> {
    const [decision] = await this.#decide(caller, ['read']);
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return undefined;
      case AuthorizeResult.CONDITIONAL:
        return toCriteria(decision.conditions);
      default:
        // Nobody's servers: an empty list, as for someone who owns none.
        return { column: 'owner', values: [] };
    }
  }

  async assertMayCreate(caller: Caller): Promise<void> {
    const [decision] = await this.#permissions.authorize(
      [{ permission: serverCreatePermission }],
      caller,
    );
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError('You may not make servers.');
    }
  }

  /** A server belongs to its maker or a group of theirs; only administrators make servers for others. */
  async assertMayOwn(caller: Caller, owner: string): Promise<void> {
    const own = await this.#ownRefs(caller);
    if (!own || own.includes(owner) || this.#areAdministrators(own)) {
      return;
    }
    const [user, ...others] = own;
    const groups = others.filter(ref => ref.startsWith('group:'));
    throw new NotAllowedError(
      `spec.owner: You do not belong to ${owner}. Choose ${[
        ...groups,
        user,
      ].join(' or ')}, ` + 'or ask an administrator.',
    );
  }

  /** The caller and what they belong to: whom they make servers for. */
  async ownersOf(caller: Caller): Promise<string[]> {
    return (await this.#ownRefs(caller)) ?? [];
  }

  /** Whether the caller is one by `mcpCloud.administrators`, or a service. */
  async isAdministrator(caller: Caller): Promise<boolean> {
    const own = await this.#ownRefs(caller);
    return !own || this.#areAdministrators(own);
  }

  async assertAdministrator(caller: Caller): Promise<void> {
    if (!(await this.isAdministrator(caller))) {
      throw new NotAllowedError(
        'This is for administrators (mcpCloud.administrators).',
      );
    }
  }

  /** The user and what they belong to. Nothing for a service: it comes with the operator's own trust. */
  async #ownRefs({ credentials }: Caller): Promise<string[] | undefined> {
    const { principal } = credentials;
    if (principal.type === 'service') {
      return undefined;
    }
    const { ownershipEntityRefs } = await this.#userInfo.getUserInfo(
      credentials,
    );
    const refs = [principal.userEntityRef, ...ownershipEntityRefs];
    return [...new Set(refs.map(ref => ref.toLowerCase()))];
  }

  #areAdministrators(refs: string[]): boolean {
    return refs.some(ref => this.#administrators.has(ref));
  }

  #decide(caller: Caller, actions: ServerAction[]): Promise<PolicyDecision[]> {
    return this.#permissions.authorizeConditional(
      actions.map(action => ({
        permission: serverResourcePermissions[action],
      })),
      { credentials: caller.credentials },
    );
  }
}
