import { useEffect } from 'react';
import { useClusters, useEntityChoices } from '../api/useChoices';
import { useOwnership } from '../api/useOwnership';
import { Notice } from '../components/Notice';
import { useText } from '../useText';
import { FormSelect, FormText } from './FormFields';
import { ImageState } from './ImageState';
import { NameField } from './NameField';
import { useForm } from './useDeployForm';
import styles from './deploy.module.css';

/** ① What runs, whose it is, and where. */
export function WhatStep() {
  const t = useText();
  const { form, isExisting } = useForm();
  return (
    <div className={styles.fields}>
      <NameField />
      <FormText
        field="application"
        label={t('deploy.application')}
        hint={
          isExisting ? t('deploy.identityFixed') : t('deploy.applicationHint')
        }
        isReadOnly={isExisting}
      />
      <FormText
        field="environment"
        label={t('deploy.environment')}
        hint={
          isExisting ? t('deploy.identityFixed') : t('deploy.environmentHint')
        }
        isReadOnly={isExisting}
      />
      <ClusterField />
      <div className={styles.wide}>
        <FormText
          field="image"
          label={t('deploy.image')}
          hint={t('deploy.imageHint')}
          placeholder="registry.example.com/team/my-tools:1.4"
          isRequired
        />
        <ImageState />
      </div>
      <div className={styles.wide}>
        <FormSelect
          field="bridge"
          label={t('deploy.bridge')}
          hint={t(
            form.bridge === 'sidecar'
              ? 'deploy.bridgeSidecarHint'
              : 'deploy.bridgeBakedHint',
          )}
          options={[
            { value: 'baked', label: t('deploy.bridgeBaked') },
            { value: 'sidecar', label: t('deploy.bridgeSidecar') },
          ]}
        />
      </div>
      <OwnerField />
      <SystemField />
    </div>
  );
}

function ClusterField() {
  const t = useText();
  const { form, set, isExisting } = useForm();
  const { data: clusters = [], error } = useClusters();
  const chosen = clusters.find(({ name }) => name === form.cluster);
  // With just one place to run on there is nothing to choose.
  const only = clusters.length === 1 ? clusters[0].name : undefined;
  useEffect(() => {
    if (only && !form.cluster) {
      set({ cluster: only });
    }
  });
  const options = clusters.map(({ name, title, state, reason }) => ({
    value: name,
    label:
      state === 'ok'
        ? title
        : t('deploy.clusterUnreachable', {
            title,
            reason: reason ?? t('common.unknown'),
          }),
  }));
  return (
    <div className={styles.field}>
      <FormSelect
        field="cluster"
        label={t('deploy.cluster')}
        hint={t(isExisting ? 'deploy.clusterFixed' : 'deploy.clusterHint')}
        placeholder={t('deploy.clusterPlaceholder')}
        options={withChosen(options, form.cluster)}
        isDisabled={isExisting}
        isRequired
      />
      {error && (
        <Notice
          status="warning"
          title={t('deploy.optionsFailed', { reason: error.message })}
        />
      )}
      {chosen?.state === 'unreachable' && (
        <Notice
          status="warning"
          title={t('deploy.clusterWarning', {
            title: chosen.title,
            reason: chosen.reason ?? t('common.unknown'),
          })}
        />
      )}
    </div>
  );
}

function OwnerField() {
  const t = useText();
  const { form, set } = useForm();
  const mine = useOwnership();
  const { data: groups = [], error } = useEntityChoices('Group');
  const preferred = mine?.find(ref => ref.startsWith('group:')) ?? mine?.[0];
  useEffect(() => {
    if (preferred && !form.owner) {
      set({ owner: preferred });
    }
  });
  const titles = new Map(groups.map(({ ref, title }) => [ref, title]));
  const option = (ref: string) => ({
    value: ref,
    label: titles.get(ref) ?? shortRef(ref),
  });
  const yours = (mine ?? []).map(option);
  const others = groups
    .filter(({ ref }) => !mine?.includes(ref))
    .map(({ ref }) => option(ref));
  const all = [...yours, ...others];
  const unknown = withChosen(all, form.owner).slice(all.length);
  return (
    <div className={styles.field}>
      <FormSelect
        field="owner"
        label={t('deploy.owner')}
        placeholder={t('deploy.ownerPlaceholder')}
        options={[
          { title: t('deploy.ownerYours'), options: [...yours, ...unknown] },
          ...(others.length
            ? [{ title: t('deploy.ownerOthers'), options: others }]
            : []),
        ]}
        isLong={all.length > 8}
        isRequired
      />
      {error && (
        <Notice
          status="warning"
          title={t('deploy.optionsFailed', { reason: error.message })}
        />
      )}
    </div>
  );
}

function SystemField() {
  const t = useText();
  const { form } = useForm();
  const { data: systems = [] } = useEntityChoices('System');
  const options = [
    { value: '', label: t('deploy.noSystem') },
    ...systems.map(({ ref, title }) => ({ value: ref, label: title })),
  ];
  return (
    <FormSelect
      field="system"
      label={t('deploy.system')}
      placeholder={t('deploy.noSystem')}
      options={withChosen(options, form.system)}
      isLong={options.length > 8}
    />
  );
}

type Option = { value: string; label: string };

/** A value that the lists do not hold (any more) can stay. */
function withChosen(options: Option[], chosen: string): Option[] {
  return !chosen || options.some(({ value }) => value === chosen)
    ? options
    : [...options, { value: chosen, label: shortRef(chosen) }];
}

/** `group:default/team-a` → `team-a`. */
function shortRef(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
