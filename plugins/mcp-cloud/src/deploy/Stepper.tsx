import { Button } from '@backstage/ui';
import { useText } from '../useText';
import styles from './deploy.module.css';

export const STEPS = ['what', 'how', 'review'] as const;
const SIGNS = ['①', '②', '③'];

/** Where one is in the form; a press goes there, if what lies between is in order. */
export function Stepper({
  step,
  onStep,
}: {
  step: number;
  onStep: (step: number) => void;
}) {
  const t = useText();
  return (
    <nav aria-label={t('deploy.progress')}>
      <ol className={styles.stepper}>
        {STEPS.map((name, index) => (
          <li key={name} aria-current={index === step ? 'step' : undefined}>
            <Button
              variant={index === step ? 'secondary' : 'tertiary'}
              onPress={() => onStep(index)}
            >
              <span aria-hidden="true">{SIGNS[index]}</span>{' '}
              {t(`deploy.${name}`)}
            </Button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
