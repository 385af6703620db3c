import { Text } from '@backstage/ui';
import type {
  QuotaAfter,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { problemText } from '@mcp-cloud/plugin-mcp-cloud-common';
import { formatBytes, formatCpu } from '../components/format';
import { Notice } from '../components/Notice';
import { type TranslateFunction, useText } from '../useText';
import { useQuotaAfter } from './useQuotaAfter';

/** The owner's quota afterwards, in one line; nothing where the owner has no limits. */
export function QuotaLine({ server }: { server?: ServerDetail }) {
  const t = useText();
  const { data, error } = useQuotaAfter(server);
  if (error) {
    return (
      <Text color="secondary">
        {t('deploy.quotaUnknown', { reason: problemText(error) })}
      </Text>
    );
  }
  if (!data) {
    return <Text color="secondary">{t('deploy.quotaChecking')}</Text>;
  }
  if (data.problem) {
    return (
      <Notice status="danger" title={t('deploy.quotaExceeded')}>
        {data.problem}
      </Notice>
    );
  }
  const amounts = inWords(data.quota, t);
  return amounts.length ? (
    <Text>{t('deploy.quotaAfter', { amounts: amounts.join(' · ') })}</Text>
  ) : null;
}

/** What is limited, such as “3 of 10 servers”. */
function inWords(
  { limits, after }: QuotaAfter,
  t: TranslateFunction,
): string[] {
  const { servers, replicas, cpuMillicores, memoryBytes } = limits;
  return [
    servers !== undefined &&
      t('deploy.quotaServers', { used: String(after.servers), count: servers }),
    replicas !== undefined &&
      t('deploy.quotaPods', { used: String(after.replicas), count: replicas }),
    cpuMillicores !== undefined &&
      t('deploy.quotaCpu', {
        used: formatCpu(after.cpuMillicores),
        limit: formatCpu(cpuMillicores),
      }),
    memoryBytes !== undefined &&
      t('deploy.quotaMemory', {
        used: formatBytes(after.memoryBytes),
        limit: formatBytes(memoryBytes),
      }),
  ].filter(part => part !== false);
}
