import type { IncomingMessage } from 'node:http';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { backOff, pause } from './backOff';
import { readText } from './HttpKubeApi';
import { KubeApiError } from './KubeApiError';
import { METADATA_LIST_ONLY, METADATA_ONLY } from './metadataOnly';
import { readLines } from './readLines';
import type { KubeApi, KubeObject } from './types';

const PAGE = 500;
const HEADERS_TIMEOUT_MS = 5_000;
/** Bookmarks come about once a minute, so a watch without a byte for this long is dead. */
const SILENCE_MS = 100_000;
/** Longest line of a watch: an object can have 1.5 MiB in etcd, and JSON adds to that. */
const MAX_LINE = 16 * 1024 * 1024;

/** Takes in what a reflector sees. Called in order; never at the same time. */
export interface ReflectorSink<T> {
  /** The complete collection as of `version`. */
  replace(items: T[], version: number): void;
  upsert(item: T): void;
  remove(item: T): void;
}

/** What a reflector does at the moment; `failure` is set while LIST or WATCH are refused or fail. */
export interface ReflectorState {
  /** Whether the sink holds the collection as of the last LIST. */
  synced: boolean;
  failure?: KubeApiError;
}

/** Timing that tests shorten. */
export interface ReflectorTiming {
  silenceMs?: number;
  backOff?: (attempt: number) => number;
}

interface ListPage<T> {
  metadata: { resourceVersion?: string; continue?: string };
  items?: T[];
}

/** The resourceVersion is too old to go on from. */
class GoneError extends Error {}

/**
 * Mirrors one collection of objects: a paged LIST, then WATCHes one after the other, each going on where the one
 * before ended. Lives until `stop()`; every error leads to another try after a while, and 410 to a new LIST.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: {
    api: KubeApi;
    path: string;
    /** `apiVersion` and `kind` are missing on the items of a list; they are added from here. */
    apiVersion: string;
    kind: string;
    labelSelector?: string;
    /** Whether the objects come without what they are about, which is much less. */
    metadataOnly?: boolean;
    /** Which of them the sink gets; all by default. */
    only?: (item: T) => boolean;
    sink: ReflectorSink<T>;
    logger: LoggerService;
    onState?: (state: ReflectorState) => void;
    timing?: ReflectorTiming;
  };
  readonly #stopped = new AbortController();
  #round = new AbortController();
  #state: ReflectorState = { synced: false };
  #relist = true;
  #resourceVersion = '';
  #running?: Promise<void>;

  constructor(options: {
    api: KubeApi;
    path: string;
    apiVersion: string;
    kind: string;
    labelSelector?: string;
    /** Whether the objects come without what they are about, which is much less. */
    metadataOnly?: boolean;
    /** Which of them the sink gets; all by default. */
    only?: (item: T) => boolean;
    sink: ReflectorSink<T>;
    logger: LoggerService;
    onState?: (state: ReflectorState) => void;
    timing?: ReflectorTiming;
  }) {
    this.#options = options;
  }

  state(): ReflectorState {
    return this.#state;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends every request and resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#round.abort();
    await this.#running;
  }

  /**
   * Drops what is under way and lists anew at once. For use when the API server was away: the connection may be
   * dead without a sign, and what happened meanwhile is unknown.
   */
  refresh(): void {
    this.#relist = true;
    this.#setState({ synced: false });
    this.#round.abort();
  }

  async #run(): Promise<void> {
    const { logger, kind, timing } = this.#options;
    let attempt = 0;
    while (!this.#stopped.signal.aborted) {
      this.#round = new AbortController();
      const signal = this.#round.signal;
      try {
        if (this.#relist) {
          this.#relist = false;
          try {
            await this.#list(signal);
          } catch (error) {
            this.#relist = true;
            throw error;
          }
        }
        const startedAt = Date.now();
        await this.#watch(signal);
        // A watch that ends at once again and again must not become a busy loop.
        attempt = Date.now() - startedAt > 1_000 ? 0 : attempt + 1;
        if (attempt > 0) {
          await pause((timing?.backOff ?? backOff)(attempt - 1), signal);
        }
      } catch (error) {
        if (signal.aborted) {
          attempt = 0;
          continue;
        }
        if (error instanceof GoneError) {
          logger.debug(
            `Listing ${kind} objects anew: the watch fell too far behind`,
          );
          this.#relist = true;
          attempt += 1;
          if (attempt > 1) {
            await pause((timing?.backOff ?? backOff)(attempt - 2), signal);
          }
          continue;
        }
        const failure = KubeApiError.fromCause(error);
        this.#setState({ synced: this.#state.synced, failure });
        if (attempt === 0) {
          logger.warn(
            `Watching ${kind} objects failed, trying again: ${failure.message}`,
          );
        }
        await pause((timing?.backOff ?? backOff)(attempt), signal);
        attempt += 1;
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, path, apiVersion, kind, labelSelector, metadataOnly, sink } =
      this.#options;
    const { only = () => true } = this.#options;
    const items: T[] = [];
    let next: string | undefined;
    let version = '';
    do {
      const page = await api
        .json<ListPage<T>>({
          method: 'GET',
          path,
          query: { labelSelector, limit: PAGE, continue: next },
          headers: metadataOnly ? { accept: METADATA_LIST_ONLY } : {},
          signal,
          headersTimeoutMs: HEADERS_TIMEOUT_MS,
        })
        .catch(error => {
          // The list grew too old while it was paged: begin again.
          throw error instanceof KubeApiError && error.status === 410
            ? new GoneError()
            : error;
        });
      for (const item of (page.items ?? []).filter(only)) {
        items.push({ ...item, apiVersion, kind });
      }
      version = page.metadata.resourceVersion ?? '';
      next = page.metadata.continue || undefined;
    } while (next);
    signal.throwIfAborted();
    this.#resourceVersion = version;
    sink.replace(items, Number(version) || 0);
    this.#setState({ synced: true });
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, path, labelSelector, metadataOnly, timing } = this.#options;
    const response = await api.stream({
      method: 'GET',
      path,
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: this.#resourceVersion,
        timeoutSeconds: 240 + Math.floor(Math.random() * 61),
        labelSelector,
      },
      headers: { accept: metadataOnly ? METADATA_ONLY : 'application/json' },
      signal,
      headersTimeoutMs: HEADERS_TIMEOUT_MS,
    });
    if (response.statusCode !== 200) {
      const error = KubeApiError.fromResponse(
        response.statusCode ?? 0,
        await readText(response, 64 * 1024),
      );
      throw error.status === 410 ? new GoneError() : error;
    }
    if (this.#state.failure) {
      this.#setState({ synced: this.#state.synced });
    }
    const silence = setTimeout(
      () => response.destroy(),
      timing?.silenceMs ?? SILENCE_MS,
    );
    try {
      await this.#consume(response, signal, () => silence.refresh());
    } catch (error) {
      // A connection that breaks is an ordinary end: the next watch goes on from the last version.
      if (
        error instanceof GoneError ||
        error instanceof KubeApiError ||
        signal.aborted
      ) {
        throw error;
      }
    } finally {
      clearTimeout(silence);
      response.destroy();
    }
  }

  async #consume(
    response: IncomingMessage,
    signal: AbortSignal,
    onChunk: () => void,
  ): Promise<void> {
    const { sink, only = () => true } = this.#options;
    for await (const line of readLines(response, {
      maxLength: MAX_LINE,
      onChunk,
    })) {
      if (signal.aborted) {
        return;
      }
      if (!line) {
        continue;
      }
      const event = JSON.parse(line) as {
        type: string;
        object: T & { code?: number; message?: string; reason?: string };
      };
      if (event.type === 'ERROR') {
        if (
          event.object.code === 410 ||
          event.object.reason === 'Expired' ||
          event.object.reason === 'Gone'
        ) {
          throw new GoneError();
        }
        throw new KubeApiError(
          event.object.message ?? 'The watch ended with an error.',
          event.object.code ?? 500,
          event.object.reason ?? 'Unknown',
        );
      }
      const version = event.object.metadata?.resourceVersion;
      const isPut = event.type === 'ADDED' || event.type === 'MODIFIED';
      if (isPut && only(event.object)) {
        sink.upsert(this.#named(event.object));
      } else if (event.type === 'DELETED' && only(event.object)) {
        sink.remove(event.object);
      }
      // Only after the sink has it: a failure in between must not lose the event.
      if (version) {
        this.#resourceVersion = version;
      }
    }
  }

  /** Metadata alone comes as a kind of its own. */
  #named(object: T): T {
    const { apiVersion, kind, metadataOnly } = this.#options;
    return metadataOnly ? { ...object, apiVersion, kind } : object;
  }

  #setState(state: ReflectorState): void {
    const before = this.#state;
    this.#state = state;
    if (
      before.synced !== state.synced ||
      before.failure?.message !== state.failure?.message
    ) {
      this.#options.onState?.(state);
    }
  }
}
