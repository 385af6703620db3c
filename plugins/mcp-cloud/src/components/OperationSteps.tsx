import type {
  Operation,
  OperationStep,
  StepState,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { VisuallyHidden } from '@backstage/ui';
import { useText } from '../useText';
import { formatDuration } from './format';
import { useNow } from './useNow';
import styles from './OperationSteps.module.css';

const SIGNS: Record<StepState, string> = {
  pending: '○',
  running: '◌',
  succeeded: '✓',
  failed: '✗',
};
const KNOWN = [
  'accepted',
  'secrets',
  'apply',
  'pods',
  'handshake',
  'remove',
] as const;

/** The steps of an operation with what goes on in each. */
export function OperationSteps({ operation }: { operation: Operation }) {
  const t = useText();
  return (
    <ol className={styles.steps} aria-label={t('operation.steps')}>
      {operation.steps.map(step => (
        <Step key={step.name} step={step} />
      ))}
    </ol>
  );
}

function Step({ step }: { step: OperationStep }) {
  const t = useText();
  const known = KNOWN.find(name => name === step.name);
  return (
    <li
      className={styles.step}
      data-state={step.state}
      aria-current={step.state === 'running' ? 'step' : undefined}
    >
      <span className={styles.sign} aria-hidden="true">
        {SIGNS[step.state]}
      </span>
      <span>
        {known ? t(`operation.step.${known}`) : step.name}
        <VisuallyHidden>{`: ${t(
          `operation.stepState.${step.state}`,
        )}`}</VisuallyHidden>
        {step.message && <span className={styles.note}> {step.message}</span>}
        <StepTime step={step} />
      </span>
    </li>
  );
}

function StepTime({ step }: { step: OperationStep }) {
  const now = useNow(500);
  if (!step.startedAt || step.state === 'pending') {
    return null;
  }
  const ms =
    (step.finishedAt ? Date.parse(step.finishedAt) : now) -
    Date.parse(step.startedAt);
  // A step of no length needs no number.
  return ms < 50 ? null : (
    <span className={styles.note}> {formatDuration(ms)}</span>
  );
}
