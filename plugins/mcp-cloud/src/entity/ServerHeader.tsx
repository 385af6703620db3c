import { Flex, Select, Text } from '@backstage/ui';
import type { Server, ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { ActionButton } from '../actions/ActionButton';
import { type ActionName, whyNot } from '../actions/availability';
import { CopyText } from '../components/CopyText';
import { Facts } from '../components/Facts';
import { OwnerLink } from '../components/OwnerLink';
import { RelativeTime } from '../components/RelativeTime';
import { StateLabel } from '../components/StateLabel';
import { shortImage } from '../components/format';
import { useText } from '../useText';
import { CatalogFact } from './CatalogFact';
import styles from './ServerHeader.module.css';

interface ServerHeaderProps {
  server: ServerDetail;
  /** The servers of the same application; more than one makes a switch. */
  siblings: Server[];
  onSwitch: (name: string) => void;
  onAction: (action: ActionName, server: Server) => void;
  /** Not on the catalog page itself. */
  withCatalogLink?: boolean;
}

/** What the server is doing now, what it was made from, where it is reached, and what can be done. */
export function ServerHeader({
  server,
  siblings,
  onSwitch,
  onAction,
  withCatalogLink,
}: ServerHeaderProps) {
  const t = useText();
  const { status } = server;
  return (
    <header className={styles.header}>
      <Flex justify="between" align="start" gap="4" className={styles.top}>
        <div className={styles.title}>
          <Flex align="center" gap="3" className={styles.top}>
            <Text as="h2" variant="title-small" weight="bold">
              {server.name}
            </Text>
            <StateLabel state={status.state} />
            <Text color="secondary">
              {t('server.replicas', {
                ready: String(status.pods.ready),
                desired: String(status.pods.desired),
              })}
            </Text>
          </Flex>
          <Text>{status.message}</Text>
          {status.hint && <Text color="secondary">{status.hint}</Text>}
          {status.servingRevision !== undefined &&
            status.servingRevision !== server.revision && (
              <Text color="secondary">
                {t('server.servingRevision', {
                  revision: String(status.servingRevision),
                })}
              </Text>
            )}
        </div>
        <ServerButtons
          server={server}
          isAlone={siblings.length <= 1}
          onAction={onAction}
        />
      </Flex>
      <Flex align="end" gap="6" className={styles.top}>
        {siblings.length > 1 && (
          <div className={styles.environment}>
            <Select
              label={t('server.environment')}
              value={server.name}
              onChange={name => onSwitch(String(name))}
              options={siblings.map(sibling => ({
                value: sibling.name,
                label: sibling.environment,
              }))}
            />
          </div>
        )}
        <ServerFacts
          server={server}
          withEnvironment={siblings.length <= 1}
          withCatalogLink={withCatalogLink}
        />
      </Flex>
    </header>
  );
}

function ServerFacts({
  server,
  withEnvironment,
  withCatalogLink,
}: {
  server: ServerDetail;
  withEnvironment: boolean;
  withCatalogLink?: boolean;
}) {
  const t = useText();
  const { revisionInfo } = server;
  return (
    <Facts
      items={[
        {
          label: t('server.environment'),
          value: withEnvironment && server.environment,
        },
        {
          label: t('server.revision'),
          value: (
            <span>
              {t('server.revisionLine', {
                revision: String(server.revision),
                when: <RelativeTime at={revisionInfo.createdAt} />,
                who: <OwnerLink entityRef={revisionInfo.author} kind="user" />,
              })}
              {revisionInfo.message && (
                <span className={styles.message}>
                  {t('server.revisionMessage', {
                    message: revisionInfo.message,
                  })}
                </span>
              )}
            </span>
          ),
        },
        {
          label: t('server.image'),
          value: (
            <CopyText
              text={server.image}
              shown={shortImage(server.image)}
              what={t('server.imageFull')}
            />
          ),
        },
        {
          label: t('server.endpoint'),
          value: (
            <CopyText
              text={server.endpoints.portal}
              what={t('server.endpointWhat')}
            />
          ),
        },
        {
          label: t('server.cluster'),
          value: t('server.clusterValue', {
            cluster: server.cluster,
            namespace: server.namespace,
          }),
        },
        {
          label: t('server.owner'),
          value: <OwnerLink entityRef={server.owner} />,
        },
        {
          label: t('server.lastCall'),
          value: server.lastCallAt && <RelativeTime at={server.lastCallAt} />,
        },
        {
          label: t('server.catalogPage'),
          value: withCatalogLink && <CatalogFact server={server} />,
        },
      ].map(item => ({ ...item, value: item.value || undefined }))}
    />
  );
}

function ServerButtons({
  server,
  isAlone,
  onAction,
}: Pick<ServerHeaderProps, 'server' | 'onAction'> & { isAlone: boolean }) {
  const t = useText();
  const names: ActionName[] = [
    'edit',
    ...(isAlone ? [] : (['promote'] as const)),
    ...(server.runState === 'running'
      ? (['scale', 'restart', 'stop'] as const)
      : (['start'] as const)),
    'delete',
  ];
  return (
    <div className={styles.buttons}>
      {names.map(name => (
        <ActionButton
          key={name}
          variant={name === 'start' ? 'primary' : 'secondary'}
          destructive={name === 'delete'}
          reason={whyNot(name, server, t)}
          onPress={() => onAction(name, server)}
        >
          {t(`action.${name}`)}
        </ActionButton>
      ))}
    </div>
  );
}
