import { pause } from './backOff';
import { KubeApiError } from './KubeApiError';
import type { ClusterHealth, KubeApi } from './types';

const PERIOD_MS = 5_000;
const TIMEOUT_MS = 5_000;

/**
 * Asks an API server every 5 s whether it is ready. A silent one is found out after 10 s at most: bookmarks of a watch,
 * which come once a minute, would tell far too late.
 */
export class HealthProbe {
  readonly #api: KubeApi;
  readonly #onChange: (health: ClusterHealth) => void;
  readonly #periodMs: number;
  readonly #timeoutMs: number;
  readonly #stopped = new AbortController();
  #pause = new AbortController();
  #health: ClusterHealth = {
    state: 'unreachable',
    reason: 'The cluster has not answered yet.',
    since: new Date(),
  };
  #running?: Promise<void>;
  readonly #asked: Promise<void>;
  #noteAsked = () => {};

  constructor(options: {
    api: KubeApi;
    onChange: (health: ClusterHealth) => void;
    timing?: { periodMs?: number; timeoutMs?: number };
  }) {
    this.#api = options.api;
    this.#onChange = options.onChange;
    this.#periodMs = options.timing?.periodMs ?? PERIOD_MS;
    this.#timeoutMs = options.timing?.timeoutMs ?? TIMEOUT_MS;
    this.#asked = new Promise(resolve => {
      this.#noteAsked = resolve;
    });
  }

  health(): ClusterHealth {
    return this.#health;
  }

  /** The health once the first question has been answered or has timed out. */
  async settled(): Promise<ClusterHealth> {
    await this.#asked;
    return this.#health;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Asks at once: something else has found that the API server may be gone, or back. */
  hurry(): void {
    this.#pause.abort();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#pause.abort();
    await this.#running;
    this.#noteAsked();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const begin = Date.now();
      this.#pause = new AbortController();
      const reason = await this.#ask(signal);
      if (signal.aborted) {
        return;
      }
      const state = reason ? 'unreachable' : 'ok';
      if (state !== this.#health.state || reason !== this.#health.reason) {
        const since =
          state === this.#health.state ? this.#health.since : new Date();
        this.#health = { state, reason, since, version: this.#health.version };
        if (state === 'ok') {
          this.#health.version = await this.#version(signal);
        }
        this.#onChange(this.#health);
      }
      this.#noteAsked();
      await pause(
        Math.max(500, this.#periodMs - (Date.now() - begin)),
        this.#pause.signal,
      );
    }
  }

  /** Why the API server cannot be used, or `undefined`. */
  async #ask(signal: AbortSignal): Promise<string | undefined> {
    try {
      const response = await this.#api.stream({
        method: 'GET',
        path: '/readyz',
        headersTimeoutMs: this.#timeoutMs,
        signal,
      });
      response.resume();
      const status = response.statusCode ?? 0;
      if (status === 401) {
        return "The API server does not accept the backend's credentials.";
      }
      return status >= 500
        ? 'The API server says that it is not ready.'
        : undefined;
    } catch (error) {
      return KubeApiError.fromCause(error).message;
    }
  }

  async #version(signal: AbortSignal): Promise<string | undefined> {
    try {
      const { gitVersion } = await this.#api.json<{ gitVersion?: string }>({
        method: 'GET',
        path: '/version',
        signal,
      });
      return gitVersion;
    } catch {
      return this.#health.version;
    }
  }
}
