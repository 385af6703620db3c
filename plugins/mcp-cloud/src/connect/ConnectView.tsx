import { useState } from 'react';
import { Tab, TabList, TabPanel, Tabs, Text } from '@backstage/ui';
import type {
  ServerDetail,
  ServerToken,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { CopyButton } from '../components/CopyButton';
import { CopyText } from '../components/CopyText';
import { Notice } from '../components/Notice';
import { Section } from '../components/Section';
import { useText } from '../useText';
import { CLIENTS, type ClientName, snippetFor } from './snippets';
import { TokenSection } from './TokenSection';
import styles from './ConnectView.module.css';

/** How do I use it from my client? */
export function ConnectView({ server }: { server: ServerDetail }) {
  const t = useText();
  const [token, setToken] = useState<ServerToken>();
  return (
    <div className={styles.view}>
      {server.runState === 'stopped' && (
        <Notice status="warning" title={t('connect.stopped')} />
      )}
      <div className={styles.columns}>
        <Section title={t('connect.endpoints')}>
          <Address
            label={t('connect.portal')}
            hint={t('connect.portalHint')}
            url={server.endpoints.portal}
          />
          <Address
            label={t('connect.service')}
            hint={t('connect.serviceHint')}
            url={server.endpoints.service}
          />
        </Section>
        <TokenSection server={server} token={token} onToken={setToken} />
      </div>
      <Section title={t('connect.snippets')}>
        {!token && <Text color="secondary">{t('connect.snippetsHint')}</Text>}
        <Tabs>
          <TabList aria-label={t('connect.snippets')}>
            {CLIENTS.map(client => (
              <Tab key={client} id={client}>
                {t(`connect.${client}`)}
              </Tab>
            ))}
          </TabList>
          {CLIENTS.map(client => (
            <TabPanel key={client} id={client}>
              <SnippetBox
                client={client}
                server={server}
                token={token?.token}
              />
            </TabPanel>
          ))}
        </Tabs>
      </Section>
    </div>
  );
}

function Address({
  label,
  hint,
  url,
}: {
  label: string;
  hint: string;
  url: string;
}) {
  return (
    <div className={styles.address}>
      <Text weight="bold">{label}</Text>
      <CopyText text={url} what={label} />
      <Text color="secondary">{hint}</Text>
    </div>
  );
}

function SnippetBox({
  client,
  server,
  token,
}: {
  client: ClientName;
  server: ServerDetail;
  token?: string;
}) {
  const t = useText();
  const snippet = snippetFor(client, {
    name: server.name,
    url: server.endpoints.portal,
    token,
  });
  const what = t('connect.snippetWhat', { client: t(`connect.${client}`) });
  return (
    <div className={styles.snippet}>
      <div className={styles.where}>
        <Text color="secondary">
          {snippet.file
            ? t('connect.putInto', { file: snippet.file })
            : t('connect.runThis')}
        </Text>
        <CopyButton text={snippet.text} what={what} />
      </div>
      {/* Scrolls, so it has to be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.code} role="region" aria-label={what} tabIndex={0}>
        {snippet.text}
      </pre>
    </div>
  );
}
