import { Text } from '@backstage/ui';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { RelativeTime } from '../components/RelativeTime';
import { Section } from '../components/Section';
import { useText } from '../useText';
import styles from './CapabilitiesSection.module.css';

const SHOWN = 30;

/** What the server said of itself in its last handshake. */
export function CapabilitiesSection({ server }: { server: ServerDetail }) {
  const t = useText();
  const { capabilities } = server;
  if (!capabilities) {
    return (
      <Section title={t('capabilities.title')}>
        <Text color="secondary">{t('capabilities.none')}</Text>
      </Section>
    );
  }
  const { serverInfo, tools, prompts, resources } = capabilities;
  return (
    <Section title={t('capabilities.title')}>
      <Text color="secondary">
        {t('capabilities.listed', {
          name: serverInfo.title ?? serverInfo.name,
          version: serverInfo.version,
          protocol: capabilities.protocolVersion,
          when: <RelativeTime at={capabilities.listedAt} />,
          revision: String(capabilities.revision),
        })}
      </Text>
      <Names title={t('common.tools', { count: tools.length })} items={tools} />
      <Names
        title={t('common.prompts', { count: prompts.length })}
        items={prompts}
      />
      <Names
        title={t('common.resources', { count: resources.length })}
        items={resources}
      />
    </Section>
  );
}

function Names({
  title,
  items,
}: {
  title: string;
  items: Array<{ name: string; description?: string }>;
}) {
  const t = useText();
  return (
    <div>
      <Text as="h4" weight="bold">
        {title}
      </Text>
      {items.length > 0 && (
        <ul className={styles.names} aria-label={title}>
          {items.slice(0, SHOWN).map((item, index) => (
            <li key={`${item.name}${index}`} title={item.description}>
              {item.name}
            </li>
          ))}
          {items.length > SHOWN && (
            <li className={styles.more}>
              {t('capabilities.more', { n: String(items.length - SHOWN) })}
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
