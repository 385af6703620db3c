import { NumberField, Text } from '@backstage/ui';
import { useText } from '../useText';
import { FormSelect, FormText } from './FormFields';
import { useForm } from './useDeployForm';
import { VariableRows } from './VariableRows';
import styles from './deploy.module.css';

/** ② How it runs: command, variables, secrets, size. */
export function HowStep() {
  const t = useText();
  const { isExisting } = useForm();
  return (
    <div className={styles.fields}>
      <FormText
        field="command"
        label={t('deploy.command')}
        hint={t('deploy.commandHint')}
        placeholder="node server.js"
      />
      <FormText
        field="args"
        label={t('deploy.args')}
        hint={t('deploy.argsHint')}
        placeholder="--verbose"
      />
      <div className={styles.wide}>
        <VariableRows list="env" />
      </div>
      <div className={styles.wide}>
        <VariableRows list="secrets" />
      </div>
      {/* A change of an existing server keeps its pods; "Scale" is the way to change their number. */}
      {!isExisting && <ReplicasField />}
      <FormSelect
        field="handshake"
        label={t('deploy.handshake')}
        options={[
          { value: 'full', label: t('deploy.handshakeFull') },
          { value: 'bridge-only', label: t('deploy.handshakeBridge') },
        ]}
      />
      <div className={styles.wide}>
        <Text as="h4" weight="bold">
          {t('deploy.resources')}
        </Text>
        <div className={styles.quarters}>
          <FormText field="requestCpu" label={t('deploy.requestCpu')} />
          <FormText field="requestMemory" label={t('deploy.requestMemory')} />
          <FormText
            field="limitCpu"
            label={t('deploy.limitCpu')}
            placeholder={t('deploy.limitCpuHint')}
          />
          <FormText field="limitMemory" label={t('deploy.limitMemory')} />
        </div>
      </div>
    </div>
  );
}

function ReplicasField() {
  const t = useText();
  const { form, set, shown, touch } = useForm();
  const problem = shown('replicas');
  return (
    <NumberField
      label={t('deploy.replicas')}
      description={t('deploy.replicasHint')}
      value={form.replicas}
      onChange={replicas => {
        set({ replicas });
        touch('replicas');
      }}
      validationBehavior="aria"
      validate={() => problem ?? null}
    />
  );
}
