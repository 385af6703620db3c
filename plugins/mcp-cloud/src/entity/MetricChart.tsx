import {
  Area,
  AreaChart,
  CartesianGrid,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { MetricsView } from '@mcp-cloud/plugin-mcp-cloud-common';
import { formatDuration } from '../components/format';
import { useText } from '../useText';
import styles from './MetricsSection.module.css';

interface MetricChartProps {
  title: string;
  metrics: MetricsView;
  value: 'cpuMillicores' | 'memoryBytes';
  limit?: number;
  format: (value: number) => string;
}

const AXIS = { fontSize: 11, fill: 'var(--bui-fg-secondary)' };

/** One curve with its unit, its window and the limit; in words too, for those who cannot see it. */
export function MetricChart({
  title,
  metrics,
  value,
  limit,
  format,
}: MetricChartProps) {
  const t = useText();
  const points = metrics.samples.map(sample => ({
    at: Date.parse(sample.at),
    value: sample[value],
  }));
  const values = points.map(point => point.value);
  const last = values[values.length - 1];
  const highest = Math.max(...values);
  const window = formatDuration(
    Math.max(
      points[points.length - 1].at - points[0].at,
      metrics.stepSeconds * 1000,
    ),
  );
  const now = limit
    ? t('metrics.nowOf', {
        value: format(last),
        limit: format(limit),
        percent: String(Math.round((100 * last) / limit)),
      })
    : t('metrics.now', { value: format(last) });
  // A limit far above the curve would press it flat onto the axis, so it is drawn only once it is near.
  const limitIsNear = limit !== undefined && highest > limit / 5;
  const summary = t('metrics.summary', {
    title,
    now,
    min: format(Math.min(...values)),
    max: format(highest),
    window,
  });
  return (
    <div>
      <div className={styles.now}>
        <span>{now}</span>
        <span className={styles.window}>{t('metrics.window', { window })}</span>
      </div>
      <div className={styles.plot} role="img" aria-label={summary}>
        <ResponsiveContainer width="100%" height="100%">
          <AreaChart
            data={points}
            margin={{ top: 12, right: 4, bottom: 0, left: 4 }}
            accessibilityLayer={false}
          >
            <CartesianGrid vertical={false} stroke="var(--bui-border-1)" />
            <XAxis
              dataKey="at"
              type="number"
              scale="time"
              domain={['dataMin', 'dataMax']}
              tickFormatter={clock}
              tick={AXIS}
              tickLine={false}
              axisLine={false}
              minTickGap={60}
            />
            <YAxis
              width={72}
              tickFormatter={format}
              tick={AXIS}
              tickLine={false}
              axisLine={false}
              tickCount={4}
              domain={[0, limitIsNear ? Math.max(limit, highest) : 'auto']}
            />
            <Tooltip
              isAnimationActive={false}
              labelFormatter={at => new Date(Number(at)).toLocaleTimeString()}
              formatter={shown => [format(Number(shown)), title]}
              contentStyle={{
                background: 'var(--bui-bg-neutral-1)',
                border: '1px solid var(--bui-border-2)',
                borderRadius: 'var(--bui-radius-2)',
                color: 'var(--bui-fg-primary)',
              }}
            />
            {limitIsNear && (
              <ReferenceLine
                y={limit}
                stroke="var(--bui-negative-bg)"
                strokeDasharray="4 4"
                label={{
                  value: t('metrics.limit', { value: format(limit) }),
                  position: 'insideTopRight',
                  fontSize: 11,
                  fill: 'var(--bui-negative-fg-subdued)',
                }}
              />
            )}
            <Area
              dataKey="value"
              type="linear"
              stroke="var(--bui-announcement-bg)"
              strokeWidth={2}
              fill="var(--bui-announcement-bg)"
              fillOpacity={0.12}
              isAnimationActive={false}
              dot={points.length === 1}
            />
          </AreaChart>
        </ResponsiveContainer>
      </div>
    </div>
  );
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
  });
}
