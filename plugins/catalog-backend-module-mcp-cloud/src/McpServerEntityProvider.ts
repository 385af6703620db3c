import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type {
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import { problemText } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { CatalogedServer } from './ServerSource';
import { toEntities } from './toEntities';

/** How long the catalog's state is taken for what was told it last; after that it is told anew. */
const TRUST_MS = 10 * 60_000;

/** Keeps the catalog's entities in step with the servers of the platform. */
export class McpServerEntityProvider implements EntityProvider {
  readonly #source: { list(): Promise<CatalogedServer[]> };
  readonly #logger: LoggerService;
  readonly #coalesceMs: number;
  #connection?: EntityProviderConnection;
  #timer?: NodeJS.Timeout;
  #running?: Promise<void>;
  #again = false;
  #told?: { fingerprint: string; at: number };
  #lastProblem?: string;
  #stopped = false;

  constructor(options: {
    source: { list(): Promise<CatalogedServer[]> };
    logger: LoggerService;
    coalesceMs: number;
  }) {
    this.#source = options.source;
    this.#logger = options.logger;
    this.#coalesceMs = options.coalesceMs;
  }

  getProviderName(): string {
    return 'mcp-cloud';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    this.scheduleRefresh();
  }

  /** Something changed: reads the servers soon, once for all changes until then. */
  scheduleRefresh(): void {
    if (this.#stopped || this.#timer) {
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, this.#coalesceMs);
  }

  /** Reads the servers and tells the catalog when something differs. Never throws; one run at a time. */
  refresh(): Promise<void> {
    if (this.#running) {
      // What changed after that run read the list must not be missed.
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#refreshUntilCurrent().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #refreshUntilCurrent(): Promise<void> {
    do {
      this.#again = false;
      await this.#refreshOnce();
    } while (this.#again && !this.#stopped);
  }

  async #refreshOnce(): Promise<void> {
    if (!this.#connection || this.#stopped) {
      return;
    }
    try {
      const entities = toEntities(await this.#source.list());
      await this.#tell(this.#connection, entities);
      if (this.#lastProblem) {
        this.#lastProblem = undefined;
        this.#logger.info(
          'MCP servers can be read again; the catalog is up to date.',
        );
      }
    } catch (error) {
      // The entities stay as they are: an answer that fails says nothing about the servers.
      const problem = problemText(error);
      if (problem !== this.#lastProblem) {
        this.#lastProblem = problem;
        this.#logger.warn(
          `MCP servers cannot be read; their entities stay as they are: ${problem}`,
        );
      }
    }
  }

  async #tell(
    connection: EntityProviderConnection,
    entities: Entity[],
  ): Promise<void> {
    const fingerprint = JSON.stringify(entities);
    if (
      this.#told?.fingerprint === fingerprint &&
      Date.now() - this.#told.at < TRUST_MS
    ) {
      return;
    }
    await connection.applyMutation({
      type: 'full',
      entities: entities.map(entity => ({
        entity,
        locationKey: this.getProviderName(),
      })),
    });
    this.#told = { fingerprint, at: Date.now() };
    this.#logger.debug(
      `The catalog holds ${entities.length} entities of MCP servers`,
    );
  }
}
