import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isFinished,
  problemText,
  type Operation,
  type OperationStep,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { setTimeout as sleep } from 'node:timers/promises';

/** Answers in a row that may fail before a follower gives up: a portal that restarts is back sooner. */
const TOLERATED_FAILURES = 30;

/** How an operation is followed. */
export interface FollowOptions {
  logger: LoggerService;
  /** Asks for the operation anew. */
  fetch: () => Promise<Operation>;
  timeoutMs: number;
  pollMs?: number;
  signal?: AbortSignal;
}

/** Waits until the operation ended and writes each of its steps into the log. Throws when it failed. */
export async function followOperation(
  accepted: Operation,
  options: FollowOptions,
): Promise<Operation> {
  const { logger, timeoutMs, pollMs = 1000, signal } = options;
  const deadline = Date.now() + timeoutMs;
  const told = new Map<string, string>();
  let operation = accepted;
  let failures = 0;
  for (;;) {
    for (const step of operation.steps) {
      tell(step, told, logger);
    }
    if (operation.state === 'succeeded') {
      return operation;
    }
    if (isFinished(operation)) {
      throw new Error(failureText(operation));
    }
    if (Date.now() >= deadline) {
      throw new Error(
        `${operation.serverName} was not ready within ${Math.round(
          timeoutMs / 60_000,
        )} min. The deploy goes on; its page shows how far it is.`,
      );
    }
    try {
      await sleep(pollMs, undefined, { signal });
    } catch {
      throw new Error('The task was cancelled. The deploy itself goes on.');
    }
    try {
      operation = await options.fetch();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures >= TOLERATED_FAILURES) {
        throw error;
      }
      logger.warn(
        `The state of the deploy could not be read, asking again: ${problemText(
          error,
        )}`,
      );
    }
  }
}

/** Tells a step when its state or its words change; a running counter of seconds is no change. */
function tell(
  step: OperationStep,
  told: Map<string, string>,
  logger: LoggerService,
): void {
  const text = `${step.name}: ${step.state}${
    step.message ? `, ${step.message}` : ''
  }`;
  const gist = text.replace(/\d+/g, '#');
  if (step.state !== 'pending' && told.get(step.name) !== gist) {
    told.set(step.name, gist);
    logger.info(text);
  }
}

function failureText({ serverName, error, steps }: Operation): string {
  const step = steps.find(({ state }) => state === 'failed')?.name;
  const lines = [
    `Deploying ${serverName} failed${step ? ` at the step ${step}` : ''}: ${
      error ? `${error.message} (${error.reason})` : 'no reason was given.'
    }`,
  ];
  if (error?.hint) {
    lines.push(`What to do: ${error.hint}`);
  }
  if (error?.stderr?.length) {
    lines.push(
      'The server wrote to stderr:',
      ...error.stderr.map(line => `  ${line}`),
    );
  }
  return lines.join('\n');
}
