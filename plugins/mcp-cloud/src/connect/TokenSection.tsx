import { useState } from 'react';
import { Flex, Select, Text } from '@backstage/ui';
import { useApi } from '@backstage/core-plugin-api';
import type {
  ServerDetail,
  ServerToken,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { ActionButton } from '../actions/ActionButton';
import { useSubmit } from '../actions/useSubmit';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { CopyText } from '../components/CopyText';
import { Notice } from '../components/Notice';
import { Section } from '../components/Section';
import { useText } from '../useText';
import styles from './ConnectView.module.css';

const HOURS = [1, 4, 12];

interface TokenSectionProps {
  server: ServerDetail;
  token?: ServerToken;
  onToken: (token: ServerToken) => void;
}

/** Gets a token for this server and shows it, once. */
export function TokenSection({ server, token, onToken }: TokenSectionProps) {
  const t = useText();
  const api = useApi(mcpCloudApiRef);
  const [hours, setHours] = useState(HOURS[0]);
  const { submit, isPending, error } = useSubmit(
    () => api.createToken(server.name, { expiresInSeconds: hours * 3600 }),
    onToken,
  );
  return (
    <Section title={t('connect.tokenTitle')}>
      <Text color="secondary">{t('connect.tokenHint')}</Text>
      <Flex align="end" gap="2">
        <Select
          label={t('connect.expiry')}
          value={String(hours)}
          onChange={value => setHours(Number(value))}
          options={HOURS.map(count => ({
            value: String(count),
            label: t('connect.hours', { count }),
          }))}
        />
        <ActionButton
          variant="primary"
          isPending={isPending}
          reason={
            server.allowed.includes('call')
              ? undefined
              : t('action.notAllowedCall')
          }
          onPress={() => submit()}
        >
          {t('connect.getToken')}
        </ActionButton>
      </Flex>
      {error && (
        <Notice status="danger" title={t('connect.tokenFailed')}>
          {error.message}
        </Notice>
      )}
      {token && (
        <Notice status="success" title={t('connect.token')}>
          <span className={styles.token}>
            <CopyText text={token.token} what={t('connect.tokenWhat')} />
            {t('connect.tokenOnce', {
              until: new Date(token.expiresAt).toLocaleString(),
            })}
          </span>
        </Notice>
      )}
    </Section>
  );
}
