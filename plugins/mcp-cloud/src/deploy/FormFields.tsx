import { useId } from 'react';
import { Select, TextField } from '@backstage/ui';
import type { DeployForm } from './deployForm';
import { useForm } from './useDeployForm';
import styles from './deploy.module.css';

type TextKey = {
  [Key in keyof DeployForm]: DeployForm[Key] extends string ? Key : never;
}[keyof DeployForm];

interface FormTextProps {
  field: TextKey;
  label: string;
  hint?: string;
  placeholder?: string;
  isRequired?: boolean;
  isReadOnly?: boolean;
}

/** A line of text of the form. What is wrong shows below once the person has left the field. */
export function FormText({ field, label, hint, ...props }: FormTextProps) {
  const { form, set, shown, touch } = useForm();
  const problem = shown(field);
  return (
    <TextField
      {...props}
      label={label}
      description={hint}
      value={form[field]}
      onChange={value => set({ [field]: value })}
      onBlur={() => touch(field)}
      validationBehavior="aria"
      validate={() => problem ?? null}
      autoComplete="off"
      spellCheck="false"
    />
  );
}

type Options = Array<
  | { value: string; label: string }
  | { title: string; options: Array<{ value: string; label: string }> }
>;

interface FormSelectProps {
  field: TextKey;
  label: string;
  placeholder?: string;
  hint?: string;
  options: Options;
  isRequired?: boolean;
  isDisabled?: boolean;
  /** Makes the list searchable. */
  isLong?: boolean;
}

/** A choice of the form. */
export function FormSelect({
  field,
  label,
  hint,
  options,
  isLong,
  ...props
}: FormSelectProps) {
  const id = useId();
  const { form, set, shown, touch } = useForm();
  const problem = shown(field);
  return (
    <div>
      <Select
        {...props}
        label={label}
        description={hint}
        options={options}
        search={isLong || undefined}
        // A select with no value cannot hold a message of its own, so the message stands beside it.
        value={form[field] || null}
        onChange={value => {
          set({ [field]: value === null ? '' : String(value) });
          touch(field);
        }}
        isInvalid={!!problem}
        aria-describedby={problem ? id : undefined}
      />
      {problem && (
        <span id={id} className={styles.problem}>
          {problem}
        </span>
      )}
    </div>
  );
}
