import { createContext, useContext, useMemo, useState } from 'react';
import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useText } from '../useText';
import { checkForm, type Problems, stepOf } from './checkForm';
import type { DeployForm } from './deployForm';
import { useNameCheck } from './useNameCheck';

/** The form, what is wrong with it, and what of that to show yet. */
export interface DeployFormState {
  form: DeployForm;
  set: (values: Partial<DeployForm>) => void;
  /** What is wrong, whether shown or not. */
  problems: Problems;
  /** What is wrong with a field, once the person has been there. */
  shown: (field: string) => string | undefined;
  touch: (field: string) => void;
  /** Shows all problems of a step, and says how many there are. */
  showStep: (step: number) => number;
  /** A server that exists: its identity is fixed. */
  isExisting: boolean;
  nameState: ReturnType<typeof useNameCheck>;
}

/** State of the form. `base` is the Spec of the server that is changed. */
export function useDeployForm(
  initial: DeployForm,
  base: ServerSpec | undefined,
): DeployFormState {
  const t = useText();
  const [form, setForm] = useState(initial);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [shownSteps, setShownSteps] = useState<ReadonlySet<number>>(new Set());
  const isExisting = base?.name === form.name && base !== undefined;
  const nameState = useNameCheck(isExisting ? '' : form.name);
  const problems = useMemo(() => {
    const found = checkForm(form, base, t);
    return nameState === 'taken' && !found.name
      ? { ...found, name: t('deploy.nameTaken') }
      : found;
  }, [form, base, nameState, t]);

  return {
    form,
    set: values => setForm(old => ({ ...old, ...values })),
    problems,
    shown: field =>
      touched.has(field) || shownSteps.has(stepOf(field))
        ? problems[field]
        : undefined,
    touch: field =>
      setTouched(old => (old.has(field) ? old : new Set([...old, field]))),
    showStep: step => {
      setShownSteps(old => new Set([...old, step]));
      return Object.keys(problems).filter(field => stepOf(field) === step)
        .length;
    },
    isExisting,
    nameState,
  };
}

const DeployFormContext = createContext<DeployFormState | undefined>(undefined);
export const DeployFormProvider = DeployFormContext.Provider;

/** The form that a field belongs to. */
export function useForm(): DeployFormState {
  const state = useContext(DeployFormContext);
  if (!state) {
    throw new Error('A field of the deploy form stands outside of it.');
  }
  return state;
}
