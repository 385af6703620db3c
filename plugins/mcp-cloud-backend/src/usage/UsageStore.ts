import type { ServerUsage } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Knex } from 'knex';
import { transaction } from '../database/transaction';
import type { BridgeUsage } from '../mcp/types';

const HOUR_MS = 3600_000;
/** Principals and tools that an answer names. */
const MAX_ROWS = 500;

interface CounterRow {
  principal: string;
  tool: string;
  calls: number | string;
}

/** What sums of a query look like; PostgreSQL gives them as strings. */
interface SumRow {
  name: string;
  calls: number | string;
  last_call_at: string;
}

/** Calls by server, hour, principal and tool. */
export class UsageStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Adds what a bridge has counted since its last report. Reports of one run of a bridge may be taken twice, in any
   * order and by several replicas: each call is counted once.
   */
  async take(serverId: string, report: BridgeUsage): Promise<void> {
    const { bootId } = report;
    await transaction(this.#knex, async trx => {
      const seen = { seen_at: new Date().toISOString() };
      // Writing the row locks it: other replicas with a report of the same run wait for this one.
      await trx('usage_boots')
        .insert({ boot_id: bootId, server_id: serverId, ...seen })
        .onConflict('boot_id')
        .merge(seen);
      const rows: CounterRow[] = await trx('usage_counters')
        .where({ boot_id: bootId })
        .select('principal', 'tool', 'calls');
      const counted = new Map(rows.map(row => [pair(row), Number(row.calls)]));
      for (const { principal, tool, calls, lastCallAt } of report.usage) {
        const more = calls - (counted.get(pair({ principal, tool })) ?? 0);
        if (more > 0) {
          await trx('usage_counters')
            .insert({ boot_id: bootId, principal, tool, calls })
            .onConflict(['boot_id', 'principal', 'tool'])
            .merge({ calls });
          await addSample(trx, serverId, {
            principal,
            tool,
            calls: more,
            lastCallAt,
          });
        }
      }
    });
  }

  async view(serverId: string, since: Date): Promise<ServerUsage> {
    const from = hourOf(since);
    const sums = async (column: string): Promise<SumRow[]> =>
      this.#knex('usage_samples')
        .where({ server_id: serverId })
        .andWhere('hour', '>=', from)
        .groupBy(column)
        .select({ name: column })
        .sum({ calls: 'calls' })
        .max({ last_call_at: 'last_call_at' });
    const [hours, principals, tools] = await Promise.all(
      ['hour', 'principal', 'tool'].map(sums),
    );
    const times = hours.map(row => row.last_call_at).sort();
    const ranked = (rows: SumRow[]) =>
      rows
        .map(({ name, calls, last_call_at: lastCallAt }) => ({
          name,
          calls: Number(calls),
          lastCallAt,
        }))
        .sort((a, b) => b.calls - a.calls || a.name.localeCompare(b.name))
        .slice(0, MAX_ROWS);
    return {
      since: from,
      calls: hours.reduce((sum, { calls }) => sum + Number(calls), 0),
      ...(times.length && { lastCallAt: times.at(-1) }),
      byHour: hours
        .map(({ name: hour, calls }) => ({ hour, calls: Number(calls) }))
        .sort((a, b) => a.hour.localeCompare(b.hour)),
      byPrincipal: ranked(principals).map(({ name: principal, ...rest }) => ({
        principal,
        ...rest,
      })),
      byTool: ranked(tools).map(({ name: tool, ...rest }) => ({
        tool,
        ...rest,
      })),
    };
  }

  /** When each of these servers was last called; those that never were are missing. */
  async lastCalls(serverIds: string[]): Promise<Map<string, string>> {
    const rows: Array<{ server_id: string; at: string }> = await this.#knex(
      'usage_samples',
    )
      .whereIn('server_id', serverIds)
      .groupBy('server_id')
      .select('server_id')
      .max({ at: 'last_call_at' });
    return new Map(rows.map(({ server_id: id, at }) => [id, at]));
  }
}

async function addSample(
  trx: Knex.Transaction,
  serverId: string,
  sample: BridgeUsage['usage'][number],
): Promise<void> {
  const { principal, tool, calls, lastCallAt } = sample;
  await trx('usage_samples')
    .insert({
      server_id: serverId,
      hour: hourOf(new Date(lastCallAt)),
      principal,
      tool,
      calls,
      last_call_at: lastCallAt,
    })
    .onConflict(['server_id', 'hour', 'principal', 'tool'])
    .merge({
      calls: trx.raw('usage_samples.calls + ?', [calls]),
      last_call_at: trx.raw(
        'case when usage_samples.last_call_at > excluded.last_call_at then usage_samples.last_call_at else excluded.last_call_at end',
      ),
    });
}

function pair({ principal, tool }: { principal: string; tool: string }) {
  return JSON.stringify([principal, tool]);
}

function hourOf(time: Date): string {
  return new Date(Math.floor(time.getTime() / HOUR_MS) * HOUR_MS).toISOString();
}
