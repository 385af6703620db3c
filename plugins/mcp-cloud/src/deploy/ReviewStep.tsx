import { Text } from '@backstage/ui';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { Facts } from '../components/Facts';
import { OwnerLink } from '../components/OwnerLink';
import { Section } from '../components/Section';
import { useText } from '../useText';
import type { DeployForm } from './deployForm';
import { FormText } from './FormFields';
import { QuotaLine } from './QuotaLine';
import { useForm } from './useDeployForm';
import styles from './deploy.module.css';

/** ③ What will happen, before it does. `server` is the one that is there already. */
export function ReviewStep({ server }: { server?: ServerDetail }) {
  const t = useText();
  const { form, isExisting } = useForm();
  const pods = t('common.pods', { count: form.replicas });
  let effect: string = t('deploy.reviewNew', {
    name: form.name,
    cluster: form.cluster,
    pods,
  });
  if (isExisting) {
    effect =
      server?.runState === 'stopped'
        ? t('deploy.reviewEditStopped')
        : t('deploy.reviewEdit', { pods });
  }
  return (
    <div className={styles.review}>
      <Text>{effect}</Text>
      <QuotaLine server={server} />
      <Section title={t('deploy.what')}>
        <Facts
          items={[
            { label: t('deploy.name'), value: form.name },
            {
              label: t('deploy.application'),
              value: form.application || form.name,
            },
            {
              label: t('deploy.environment'),
              value: form.environment || 'default',
            },
            { label: t('deploy.image'), value: <code>{form.image}</code> },
            {
              label: t('deploy.bridge'),
              value: t(
                form.bridge === 'sidecar'
                  ? 'deploy.bridgeSidecar'
                  : 'deploy.bridgeBaked',
              ),
            },
            {
              label: t('deploy.owner'),
              value: <OwnerLink entityRef={form.owner} />,
            },
            {
              label: t('deploy.system'),
              value: form.system && (
                <OwnerLink entityRef={form.system} kind="system" />
              ),
            },
            { label: t('deploy.cluster'), value: form.cluster },
          ]}
        />
      </Section>
      <Section title={t('deploy.how')}>
        <HowFacts form={form} withReplicas={!isExisting} />
      </Section>
      <FormText
        field="message"
        label={t('deploy.message')}
        hint={t('deploy.messageHint')}
      />
    </div>
  );
}

function HowFacts({
  form,
  withReplicas,
}: {
  form: DeployForm;
  withReplicas: boolean;
}) {
  const t = useText();
  const env = form.env.filter(({ name }) => name);
  const secrets = form.secrets.filter(({ name }) => name);
  return (
    <Facts
      items={[
        {
          label: t('deploy.command'),
          value: form.command ? (
            <code>{`${form.command} ${form.args}`.trim()}</code>
          ) : (
            t('deploy.imageOwn')
          ),
        },
        {
          label: t('deploy.env'),
          value: env.length ? (
            <Lines lines={env.map(row => `${row.name}=${row.value}`)} />
          ) : (
            t('common.none')
          ),
        },
        {
          label: t('deploy.secrets'),
          value: secrets.length ? (
            <Lines
              lines={secrets.map(
                row =>
                  `${row.name}=${
                    row.value ? '••••••' : `(${t('deploy.secretKept')})`
                  }`,
              )}
            />
          ) : (
            t('common.none')
          ),
        },
        {
          label: t('deploy.replicas'),
          value: withReplicas && String(form.replicas),
        },
        { label: t('deploy.requestCpu'), value: form.requestCpu },
        { label: t('deploy.requestMemory'), value: form.requestMemory },
        {
          label: t('deploy.limitCpu'),
          value: form.limitCpu || t('common.none'),
        },
        { label: t('deploy.limitMemory'), value: form.limitMemory },
        {
          label: t('deploy.handshake'),
          value: t(
            form.handshake === 'full'
              ? 'deploy.handshakeFull'
              : 'deploy.handshakeBridge',
          ),
        },
      ].map(item => ({ ...item, value: item.value || undefined }))}
    />
  );
}

function Lines({ lines }: { lines: string[] }) {
  return (
    <span className={styles.lines}>
      {lines.map(line => (
        <code key={line}>{line}</code>
      ))}
    </span>
  );
}
