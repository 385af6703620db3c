import type { z } from 'zod/v3';
import type { LogSource } from '../router/LogSource';
import type { AuthorizedRevisions } from '../servers/AuthorizedRevisions';
import type { AuthorizedServerService } from '../servers/AuthorizedServerService';
import type { Caller } from '../servers/Caller';

/** What actions are made from: the same services that answer REST, so that both allow the same. */
export interface ActionParts {
  servers: AuthorizedServerService;
  revisions: AuthorizedRevisions;
  logs: LogSource;
}

/** Something to do with servers, as agents, templates and the command line get it. */
export interface Action<
  Input extends z.AnyZodObject = z.AnyZodObject,
  Output extends z.AnyZodObject = z.AnyZodObject,
> {
  name: string;
  title: string;
  description: string;
  attributes: { readOnly: boolean; destructive: boolean; idempotent: boolean };
  input: Input;
  output: Output;
  run(caller: Caller, input: z.output<Input>): Promise<z.input<Output>>;
}

/** Has the types of an action's `run` follow from its schemas. */
export function defineAction<
  Input extends z.AnyZodObject,
  Output extends z.AnyZodObject,
>(action: Action<Input, Output>): Action {
  return action;
}
