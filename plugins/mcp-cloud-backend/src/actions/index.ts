import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import {
  AuthenticationError,
  ConflictError,
  InputError,
} from '@backstage/errors';
import type { z } from 'zod/v3';
import type { Caller } from '../servers/Caller';
import { PreconditionFailedError, UnsupportedError } from '../servers/errors';
import type { Action, ActionParts } from './Action';
import { changeActions } from './changeActions';
import { readActions } from './readActions';

/**
 * The registry in terms of our own copy of zod. Where it has another copy, which is the same at run time, the compiler
 * would take minutes to compare all schemas of the two.
 */
interface Registry {
  register(
    action: Pick<Action, 'name' | 'title' | 'description' | 'attributes'> & {
      schema: { input: () => z.AnyZodObject; output: () => z.AnyZodObject };
      action: (context: {
        input: Record<string, unknown>;
        credentials: BackstageCredentials;
      }) => Promise<{ output: unknown }>;
    },
  ): void;
}

/** Offers what can be done with servers to agents, templates and the command line. */
export function registerActions(
  options: ActionParts & {
    actionsRegistry: ActionsRegistryService;
    auth: AuthService;
  },
): void {
  const registry = options.actionsRegistry as unknown as Registry;
  for (const { input, output, run, ...action } of [
    ...readActions(options),
    ...changeActions(options),
  ]) {
    registry.register({
      ...action,
      schema: { input: () => input, output: () => output },
      action: async context => {
        const caller = callerOf(options.auth, action.name, context);
        return { output: await run(caller, context.input).catch(inKnownWords) };
      },
    });
  }
}

/** Whoever invokes actions passes on the words of Backstage's own errors only. */
function inKnownWords(error: unknown): never {
  if (error instanceof PreconditionFailedError) {
    throw new ConflictError(error.message);
  }
  if (error instanceof UnsupportedError) {
    throw new InputError(error.message);
  }
  throw error;
}

/** Who has an action carried out, a user or a service; with the key by which the same call is known again. */
function callerOf(
  auth: AuthService,
  name: string,
  context: {
    input: Record<string, unknown>;
    credentials: BackstageCredentials;
  },
): Caller {
  const { credentials } = context;
  if (
    !auth.isPrincipal(credentials, 'user') &&
    !auth.isPrincipal(credentials, 'service')
  ) {
    throw new AuthenticationError('Sign in to work with MCP servers.');
  }
  const { idempotencyKey: key, ...input } = context.input;
  return {
    credentials,
    ...(typeof key === 'string' && {
      idempotency: { key, request: JSON.stringify([name, input]) },
    }),
  };
}
