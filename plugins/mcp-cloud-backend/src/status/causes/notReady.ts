import type {
  CoreV1Event,
  V1ContainerStatus,
  V1Pod,
} from '@kubernetes/client-node';
import type { BridgeObservation, BridgeReport } from '../../clusters/types';
import { oneLine } from '../plainWords';
import { age, hasSidecar } from '../podFacts';
import type { Cause } from './Cause';
import { EXIT_MS, terminated, withoutBridge } from './ended';
import { tail } from './words';

/** A bridge is there within a second or two; a busy node gets some more before silence counts as absence. */
const SILENCE_MS = 6_000;
/** How long a bridge that answers may say "not ready" before that counts as a failure. */
const NOT_READY_MS = 20_000;

/** The container runs, and the pod is not ready all the same. */
export function notReady(
  pod: V1Pod,
  container: V1ContainerStatus,
  bridge: BridgeObservation | undefined,
  own: CoreV1Event[],
  now: Date,
): Cause | undefined {
  const runs = age(container.state?.running?.startedAt, now);
  const report = bridge && 'report' in bridge ? bridge.report : undefined;
  const exit = report && !report.ready.ok ? newestExit(report, now) : undefined;
  // The run before may have told already what goes wrong, while this one is still on its way to the same end.
  if (container.lastState?.terminated && runs < SILENCE_MS && !exit) {
    return terminated(
      pod,
      { ...container, state: { terminated: container.lastState.terminated } },
      bridge,
    );
  }
  if (report) {
    if (report.ready.ok || report.draining) {
      return undefined;
    }
    if (exit) {
      const how = exit.signal ? `signal ${exit.signal}` : `code ${exit.code}`;
      return {
        reason: 'ServerCrashed',
        message: `The server's process ends at once, with ${how}.`,
        hint:
          exit.signal === 'SIGKILL'
            ? 'It was killed, most likely for want of memory: raise the memory limit and deploy again.'
            : 'Its last lines tell why. Correct command, arguments, variables or the image, and deploy again.',
        stderr: tail(exit.stderr.length ? exit.stderr : report.stderr),
      };
    }
    if (runs < NOT_READY_MS) {
      return undefined;
    }
    return {
      reason: 'ServerNotReady',
      message: `The server runs but is not ready: ${oneLine(
        report.ready.reason ?? 'it has not answered initialize yet',
      )}`,
      hint: 'Look at its last lines. Is the command a stdio MCP server, and does it have all the variables that it needs?',
      stderr: tail(report.stderr),
    };
  }
  if (
    bridge &&
    'error' in bridge &&
    bridge.nothingListens &&
    !hasSidecar(pod) &&
    runs > SILENCE_MS
  ) {
    return withoutBridge(
      `it runs for ${Math.round(
        runs / 1000,
      )} s and nothing answers on port 9090`,
    );
  }
  const probe = own.find(one => one.reason === 'Unhealthy');
  if (probe && runs > NOT_READY_MS) {
    return {
      reason: 'ProbeFailing',
      message: `The pod runs but does not answer its health check: ${oneLine(
        probe.message ?? '',
      )}`,
      hint: 'Look at the log. A restart may help.',
    };
  }
  return undefined;
}

/** The child's last end, unless it is so long ago that something else must be the matter now. */
function newestExit(
  report: BridgeReport,
  now: Date,
): BridgeReport['lastExits'][number] | undefined {
  // Those that never ran have neither code nor signal; why they did not is why the bridge is not ready.
  const ended = report.lastExits.filter(
    ({ code, signal }) => code !== null || signal !== null,
  );
  const exits = ended.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const last = exits[exits.length - 1];
  return last && age(last.at, now) < EXIT_MS ? last : undefined;
}
