import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { Text } from '@backstage/ui';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { usePods } from '../api/useServer';
import { type TranslateFunction, useText } from '../useText';
import { LogLines } from './LogLines';
import { LogToolbar } from './LogToolbar';
import { MAX_LINES } from './logBuffer';
import { type LogSource, type StreamState, useLogStream } from './useLogStream';
import styles from './LogsView.module.css';

/** What the server says, live. */
export function LogsView({ server }: { server: ServerDetail }) {
  const t = useText();
  const [params, setParams] = useSearchParams();
  const [tailLines, setTailLines] = useState(500);
  const source: LogSource = {
    pod: params.get('pod') ?? undefined,
    previous: params.get('previous') === 'true',
    tailLines,
  };
  const pods = usePods(server.name, server.id).data?.items ?? [];
  const { lines, hasDropped, state, clear } = useLogStream(server.name, source);
  const [filter, setFilter] = useState('');
  // While paused the page shows the lines up to this number; the stream goes on behind it.
  const [pausedAt, setPausedAt] = useState<number>();
  const isPaused = pausedAt !== undefined;

  const shown = useMemo(() => {
    const wanted = filter.toLowerCase();
    return lines.filter(
      line =>
        (pausedAt === undefined || line.number <= pausedAt) &&
        (!wanted || line.text.toLowerCase().includes(wanted)),
    );
  }, [lines, filter, pausedAt]);
  const waiting = isPaused
    ? lines.filter(line => line.number > pausedAt).length
    : 0;

  const changeSource = (next: LogSource) => {
    setPausedAt(undefined);
    setTailLines(next.tailLines);
    setParams(
      old => {
        const query = new URLSearchParams(old);
        query.delete('pod');
        query.delete('previous');
        if (next.pod) {
          query.set('pod', next.pod);
        }
        if (next.previous) {
          query.set('previous', 'true');
        }
        return query;
      },
      { replace: true },
    );
  };
  const counted = t('logs.lines', { count: lines.length });
  return (
    <div className={styles.view}>
      <LogToolbar
        pods={pods}
        source={source}
        onSource={changeSource}
        filter={filter}
        onFilter={setFilter}
        isPaused={isPaused}
        onPause={paused =>
          setPausedAt(
            paused ? lines[lines.length - 1]?.number ?? -1 : undefined,
          )
        }
        onClear={clear}
      />
      <div className={styles.state}>
        <Text color="secondary" role="status">
          {isPaused
            ? t('logs.paused', { lines: t('logs.lines', { count: waiting }) })
            : describe(state, t)}
        </Text>
        <Text color="secondary">
          {filter
            ? t('logs.shown', { shown: String(shown.length), lines: counted })
            : counted}
        </Text>
      </div>
      {hasDropped && (
        <Text color="secondary">
          {t('logs.dropped', { max: t('logs.lines', { count: MAX_LINES }) })}
        </Text>
      )}
      <LogLines
        lines={shown}
        filter={filter}
        withPod={!source.pod}
        empty={
          filter && lines.length
            ? t('logs.noMatch', { text: filter })
            : t('logs.empty')
        }
      />
    </div>
  );
}

function describe(state: StreamState, t: TranslateFunction): string {
  return state.kind === 'retrying'
    ? t('logs.retrying', { reason: state.reason || t('logs.streamEnded') })
    : t(`logs.${state.kind}`);
}
