import {
  Button,
  ButtonIcon,
  PasswordField,
  Text,
  TextField,
} from '@backstage/ui';
import { RiAddLine, RiDeleteBinLine } from '@remixicon/react';
import { useId } from 'react';
import { useText } from '../useText';
import type { VariableRow } from './deployForm';
import { useForm } from './useDeployForm';
import styles from './deploy.module.css';

/** Names and values, as many as one likes. Values of secrets are typed blind and never shown again. */
export function VariableRows({ list }: { list: 'env' | 'secrets' }) {
  const t = useText();
  const id = useId();
  const { form, set, shown, touch } = useForm();
  const rows = form[list];
  const isSecret = list === 'secrets';
  const change = (row: VariableRow, values: Partial<VariableRow>) =>
    set({
      [list]: rows.map(other =>
        other.id === row.id ? { ...row, ...values } : other,
      ),
    });
  const add = () =>
    set({
      [list]: [
        ...rows,
        {
          id: Math.max(-1, ...rows.map(row => row.id)) + 1,
          name: '',
          value: '',
        },
      ],
    });
  const problem = shown(list);
  return (
    <div className={styles.rows} role="group" aria-labelledby={id}>
      <Text as="h4" weight="bold" id={id}>
        {t(isSecret ? 'deploy.secrets' : 'deploy.env')}
      </Text>
      <Text color="secondary">
        {t(isSecret ? 'deploy.secretsHint' : 'deploy.envHint')}
      </Text>
      {rows.map((row, index) => {
        const n = String(index + 1);
        const nameField = `${list}.${row.id}.name`;
        const valueField = `${list}.${row.id}.value`;
        const nameProblem = shown(nameField);
        const valueProblem = shown(valueField);
        const value = {
          value: row.value,
          onChange: (text: string) => change(row, { value: text }),
          onBlur: () => touch(valueField),
          validationBehavior: 'aria' as const,
          validate: () => valueProblem ?? null,
        };
        return (
          <div key={row.id} className={styles.row}>
            <TextField
              aria-label={t(isSecret ? 'deploy.secretName' : 'deploy.varName', {
                n,
              })}
              placeholder="API_KEY"
              value={row.name}
              onChange={name => change(row, { name })}
              onBlur={() => touch(nameField)}
              validationBehavior="aria"
              validate={() => nameProblem ?? null}
              isReadOnly={row.isKept}
              autoComplete="off"
              spellCheck="false"
            />
            {isSecret ? (
              <PasswordField
                {...value}
                aria-label={t('deploy.secretValue', { n })}
                placeholder={row.isKept ? t('deploy.secretKept') : undefined}
                autoComplete="new-password"
              />
            ) : (
              <TextField
                {...value}
                aria-label={t('deploy.varValue', { n })}
                autoComplete="off"
                spellCheck="false"
              />
            )}
            <ButtonIcon
              variant="tertiary"
              icon={<RiDeleteBinLine aria-hidden="true" />}
              aria-label={t(
                isSecret ? 'deploy.removeSecret' : 'deploy.removeVar',
                { n },
              )}
              onPress={() =>
                set({ [list]: rows.filter(other => other.id !== row.id) })
              }
            />
          </div>
        );
      })}
      {problem && <span className={styles.problem}>{problem}</span>}
      <div>
        <Button
          size="small"
          variant="secondary"
          iconStart={<RiAddLine aria-hidden="true" />}
          onPress={add}
        >
          {t(isSecret ? 'deploy.addSecret' : 'deploy.addEnv')}
        </Button>
      </div>
    </div>
  );
}
