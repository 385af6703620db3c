import { useCallback, useEffect, useState } from 'react';
import { useApi } from '@backstage/core-plugin-api';
import type { LogLine } from '@mcp-cloud/plugin-mcp-cloud-common';
import { type McpCloudApi, mcpCloudApiRef } from '../api/mcpCloudApi';
import { append, EMPTY_BUFFER, SeenLines } from './logBuffer';
import { usePageVisible } from './usePageVisible';

export interface LogSource {
  pod?: string;
  previous: boolean;
  tailLines: number;
}

export type StreamState =
  | { kind: 'connecting' | 'live' | 'ended' | 'hidden' }
  | { kind: 'retrying'; reason: string };

/** Lines are shown in batches: a chatty server would otherwise render the page for each of them. */
const BATCH_MS = 100;
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];

/**
 * Follows a log with one open stream, which is closed while the tab is hidden and when the page is left: a browser
 * has six connections to a host for all of its tabs.
 */
export function useLogStream(
  name: string,
  { pod, previous, tailLines }: LogSource,
) {
  const api = useApi(mcpCloudApiRef);
  const isVisible = usePageVisible();
  const source = `${name}/${pod ?? ''}/${previous}/${tailLines}`;
  const [seen, setSeen] = useState(() => ({ source, lines: new SeenLines() }));
  const [buffer, setBuffer] = useState(EMPTY_BUFFER);
  const [state, setState] = useState<StreamState>({ kind: 'connecting' });

  // Another log begins with an empty page; the same one, after the tab was hidden, goes on where it was.
  if (seen.source !== source) {
    setSeen({ source, lines: new SeenLines() });
    setBuffer(EMPTY_BUFFER);
  }

  useEffect(() => {
    if (!isVisible) {
      setState({ kind: 'hidden' });
      return undefined;
    }
    const abort = new AbortController();
    let waiting: LogLine[] = [];
    const flush = () => {
      if (waiting.length && !abort.signal.aborted) {
        const batch = waiting;
        waiting = [];
        setBuffer(old => append(old, batch));
      }
    };
    const timer = setInterval(flush, BATCH_MS);
    follow(api, name, { pod, previous, tailLines }, seen.lines, {
      signal: abort.signal,
      onLine: line => waiting.push(line),
      onState: next => {
        if (!abort.signal.aborted) {
          flush();
          setState(next);
        }
      },
    });
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [api, name, pod, previous, tailLines, seen, isVisible]);

  const clear = useCallback(
    () => setBuffer(old => ({ ...EMPTY_BUFFER, next: old.next })),
    [],
  );
  return { lines: buffer.lines, hasDropped: buffer.hasDropped, state, clear };
}

interface Listener {
  signal: AbortSignal;
  onLine: (line: LogLine) => void;
  onState: (state: StreamState) => void;
}

/** Reads until aborted, and connects again when the stream ends or breaks. */
async function follow(
  api: McpCloudApi,
  name: string,
  source: LogSource,
  seen: SeenLines,
  listener: Listener,
) {
  const { signal, onLine, onState } = listener;
  let failures = 0;
  onState({ kind: 'connecting' });
  while (!signal.aborted) {
    let reason = '';
    let isLive = false;
    try {
      const sinceSeconds = source.previous
        ? undefined
        : seen.secondsSince(Date.now());
      const query = {
        ...source,
        tailLines: sinceSeconds ? undefined : source.tailLines,
        sinceSeconds,
      };
      for await (const line of api.followLogs(name, query, { signal })) {
        if (!isLive) {
          isLive = true;
          failures = 0;
          onState({ kind: 'live' });
        }
        if (seen.isNew(line)) {
          seen.add(line);
          onLine(line);
        }
      }
    } catch (problem) {
      reason = problem instanceof Error ? problem.message : String(problem);
    }
    if (source.previous && !reason) {
      onState({ kind: 'ended' });
      return;
    }
    onState({ kind: 'retrying', reason });
    await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)], signal);
    failures += 1;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
