import { useEffect, useRef, useState } from 'react';
import { Button, Flex, Text } from '@backstage/ui';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { hasStatus } from '../api/useLiveData';
import { Notice } from '../components/Notice';
import { useText } from '../useText';
import { stepOf } from './checkForm';
import type { DeployForm } from './deployForm';
import { DeployProgress } from './DeployProgress';
import { HowStep } from './HowStep';
import { ReviewStep } from './ReviewStep';
import { Stepper, STEPS } from './Stepper';
import { useDeploy } from './useDeploy';
import { DeployFormProvider, useDeployForm } from './useDeployForm';
import { WhatStep } from './WhatStep';
import styles from './deploy.module.css';

const LAST = STEPS.length - 1;

/** The form in three steps, then its progress. What was typed stays through every error. */
export function DeployWizard({
  initial,
  edited,
}: {
  initial: DeployForm;
  edited?: ServerDetail;
}) {
  const t = useText();
  const { server, operation, request, readAgain } = useDeploy(edited);
  const state = useDeployForm(initial, server?.spec);
  const [step, setStep] = useState(0);
  const [missing, setMissing] = useState(0);
  const heading = useFocusOnChange(step);

  /** Goes to a step, or to the first one on the way where something is wrong. */
  const goTo = (wanted: number): boolean => {
    for (let passed = 0; passed < wanted; passed += 1) {
      const count = state.showStep(passed);
      if (count > 0) {
        setMissing(count);
        setStep(passed);
        return false;
      }
    }
    setMissing(0);
    setStep(wanted);
    return true;
  };
  const proceed = () => {
    if (step < LAST) {
      goTo(step + 1);
    } else if (goTo(LAST)) {
      request.submit(state.form);
    }
  };

  if (operation) {
    return (
      <DeployProgress
        operation={operation}
        isChange={!!edited}
        isPending={readAgain.isPending}
        error={readAgain.error}
        onEdit={() => {
          setStep(0);
          readAgain.submit(state.form.name);
        }}
      />
    );
  }
  // Counted anew at each render, so that the notice goes when the last problem is mended.
  const left =
    missing &&
    Object.keys(state.problems).filter(field => stepOf(field) === step).length;
  return (
    <DeployFormProvider value={state}>
      <form
        className={styles.form}
        noValidate
        onSubmit={event => {
          event.preventDefault();
          proceed();
        }}
      >
        <Stepper step={step} onStep={goTo} />
        <h2 ref={heading} tabIndex={-1} className={styles.heading}>
          <Text variant="title-x-small" weight="bold" as="span">
            {t(`deploy.${STEPS[step]}`)}
          </Text>
        </h2>
        {left > 0 && (
          <Notice
            status="danger"
            title={t('deploy.problems', { count: left })}
          />
        )}
        {step === 0 && <WhatStep />}
        {step === 1 && <HowStep />}
        {step === LAST && <ReviewStep server={server} />}
        {request.error && (
          <Notice
            status="danger"
            title={t('deploy.refused')}
            actions={
              hasStatus(request.error, 412) && (
                <Button
                  variant="secondary"
                  isPending={readAgain.isPending}
                  onPress={() => readAgain.submit(state.form.name)}
                >
                  {t('deploy.readAgain')}
                </Button>
              )
            }
          >
            {request.error.message}{' '}
            {hasStatus(request.error, 412) && t('deploy.changedMeanwhile')}
          </Notice>
        )}
        <Flex gap="2">
          {step > 0 && (
            <Button variant="secondary" onPress={() => goTo(step - 1)}>
              {t('deploy.back')}
            </Button>
          )}
          <Button type="submit" variant="primary" isPending={request.isPending}>
            {step < LAST
              ? t('deploy.next')
              : t(edited ? 'deploy.submitEdit' : 'deploy.submit')}
          </Button>
        </Flex>
      </form>
    </DeployFormProvider>
  );
}

/** Takes the focus to the new step's heading, so that a screen reader reads it and the keyboard starts there. */
function useFocusOnChange(step: number) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) {
      shown.current = step;
      heading.current?.focus();
    }
  }, [step]);
  return heading;
}
