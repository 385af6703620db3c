import { TextField } from '@backstage/ui';
import { useText } from '../useText';
import { useForm } from './useDeployForm';
import styles from './deploy.module.css';

/** The name, checked as it is typed: its form at once, and whether it is free a moment later. */
export function NameField() {
  const t = useText();
  const { form, set, shown, touch, nameState, isExisting } = useForm();
  const problem = shown('name');
  return (
    <div>
      <TextField
        label={t('deploy.name')}
        description={isExisting ? t('deploy.nameFixed') : t('deploy.nameHint')}
        value={form.name}
        onChange={name => {
          set({ name });
          touch('name');
        }}
        onBlur={() => form.name && touch('name')}
        validationBehavior="aria"
        validate={() => problem ?? null}
        isReadOnly={isExisting}
        isRequired
        autoComplete="off"
        spellCheck="false"
        placeholder="my-tools"
      />
      <span
        className={styles.fieldState}
        role="status"
        data-state={nameState === 'free' ? 'good' : undefined}
      >
        {nameState === 'checking' && t('deploy.nameChecking')}
        {nameState === 'free' && `✓ ${t('deploy.nameFree')}`}
      </span>
    </div>
  );
}
