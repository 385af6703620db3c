import { Skeleton } from '@backstage/ui';
import type {
  MetricsView,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { useMetrics } from '../api/useServer';
import { LoadProblem } from '../components/LoadProblem';
import { Section } from '../components/Section';
import { formatBytes, formatCpu } from '../components/format';
import { useText } from '../useText';
import { MetricChart } from './MetricChart';
import styles from './MetricsSection.module.css';

/** CPU and memory of all pods together, side by side. */
export function MetricsSection({ server }: { server: ServerDetail }) {
  const t = useText();
  const live = useMetrics(server.name);
  return (
    <div className={styles.charts}>
      <Section title={t('metrics.cpu')}>
        <Chart
          live={live}
          value="cpuMillicores"
          title={t('metrics.cpu')}
          format={formatCpu}
        />
      </Section>
      <Section title={t('metrics.memory')}>
        <Chart
          live={live}
          value="memoryBytes"
          title={t('metrics.memory')}
          format={formatBytes}
        />
      </Section>
    </div>
  );
}

function Chart({
  live,
  ...chart
}: {
  live: ReturnType<typeof useMetrics>;
  value: 'cpuMillicores' | 'memoryBytes';
  title: string;
  format: (value: number) => string;
}) {
  const t = useText();
  const metrics: MetricsView | undefined = live.data;
  let instead: JSX.Element | string | undefined;
  if (!metrics) {
    instead = live.error ? (
      <LoadProblem error={live.error} onRetry={() => live.refresh()} />
    ) : (
      <Skeleton width="100%" height={180} />
    );
  } else if (metrics.unavailable) {
    instead = t('metrics.unavailable', { reason: metrics.unavailable });
  } else if (metrics.samples.length === 0) {
    instead = t('metrics.waiting', { seconds: String(metrics.stepSeconds) });
  }
  return instead || !metrics ? (
    <div className={styles.instead}>{instead}</div>
  ) : (
    <MetricChart
      metrics={metrics}
      limit={metrics.limits[chart.value]}
      {...chart}
    />
  );
}
