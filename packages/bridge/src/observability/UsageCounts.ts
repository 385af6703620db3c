import { randomUUID } from 'node:crypto';
import type { Principal } from '../session/types';

/** Pairs of principal and tool that are counted one by one; the rest goes together. */
const MAX_PAIRS = 10_000;
/** So that one principal cannot fill the table with made-up names. */
const MAX_TOOLS_EACH = 200;
const MAX_NAME_LENGTH = 128;
/** Stands for what is not counted one by one. */
const OTHER = '(other)';
/** Whoever has asked within this time is taken to come again. */
const REGULAR_MS = 120_000;

interface Entry {
  calls: number;
  lastCallAt: number;
}

/** What `GET /usage` answers; the shape is a contract with the portal. */
export interface UsageReport {
  /** Another one after each start; counts of different boots add up. */
  readonly bootId: string;
  /** ISO time. */
  readonly startedAt: string;
  /** Counts since the start, which never fall. */
  readonly usage: readonly {
    readonly principal: Principal;
    readonly tool: string;
    readonly calls: number;
    /** ISO time. */
    readonly lastCallAt: string;
  }[];
}

/** Counts tool calls by principal and tool, for whoever collects them. Bounded; no call is lost. */
export class UsageCounts {
  private readonly bootId = randomUUID();
  private readonly startedAt = new Date().toISOString();
  private readonly principals = new Map<Principal, Map<string, Entry>>();
  private pairs = 0;
  private changed = false;
  private askedAt = -Infinity;

  /** Something was counted that a regular collector has not seen yet. */
  get awaited(): boolean {
    return this.changed && performance.now() - this.askedAt < REGULAR_MS;
  }

  called(principal: Principal, tool: string): void {
    const entry = this.entryOf(principal, tool);
    entry.calls++;
    entry.lastCallAt = Date.now();
    this.changed = true;
  }

  /** Everything counted so far; the one who asks has it then. */
  collect(): UsageReport {
    this.askedAt = performance.now();
    this.changed = false;
    const usage = [...this.principals].flatMap(([principal, tools]) =>
      [...tools].map(([tool, { calls, lastCallAt }]) => ({
        principal,
        tool,
        calls,
        lastCallAt: new Date(lastCallAt).toISOString(),
      })),
    );
    return { bootId: this.bootId, startedAt: this.startedAt, usage };
  }

  private entryOf(principal: Principal, tool: string): Entry {
    const known = this.principals.get(principal)?.get(tool);
    if (known) return known;
    const tools = this.principals.get(principal)?.size ?? 0;
    if (principal === OTHER || this.pairs < MAX_PAIRS) {
      const odd = tool.length > MAX_NAME_LENGTH || tools >= MAX_TOOLS_EACH;
      return odd && tool !== OTHER
        ? this.entryOf(principal, OTHER)
        : this.add(principal, tool);
    }
    return this.entryOf(OTHER, OTHER);
  }

  private add(principal: Principal, tool: string): Entry {
    const tools = this.principals.get(principal) ?? new Map<string, Entry>();
    const entry = { calls: 0, lastCallAt: 0 };
    tools.set(tool, entry);
    this.principals.set(principal, tools);
    this.pairs++;
    return entry;
  }
}
