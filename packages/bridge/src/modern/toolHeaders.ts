import { ErrorCode, Refusal } from '../frames/errors';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import {
  HeaderArgument,
  headerArguments,
  headerFault,
} from './headerArguments';
import type { ModernRequest } from './server';

/** More pages of tools than this are not read. */
const MAX_PAGES = 100;

/** One page of `tools/list`; nothing when the server does not give it. */
export type ListTools = (cursor: unknown) => Promise<JsonObject | undefined>;

/** Which arguments of which tools come as headers too (`x-mcp-header`); asked once, until the tools change. */
export class ToolHeaders {
  private known?: Promise<ReadonlyMap<string, readonly HeaderArgument[]>>;

  /**
   * Compares the arguments of a call with the headers that it came with, if there were any.
   * @throws Refusal 400 when they disagree
   */
  async check(
    { frame: { method, params }, headers }: ModernRequest,
    list: ListTools,
  ): Promise<void> {
    if (!headers || !params || method !== 'tools/call') return;
    const declared = await this.declaredBy(own(params, 'name'), list);
    const fault = headerFault(declared, own(params, 'arguments'), headers);
    if (fault === undefined) return;
    throw new Refusal(
      400,
      'protocol',
      `The headers and the body disagree: ${fault}`,
      { code: ErrorCode.headerMismatch },
    );
  }

  /** What a tool declares; nothing when there is no such tool. */
  async declaredBy(
    tool: unknown,
    list: ListTools,
  ): Promise<readonly HeaderArgument[]> {
    this.known ??= this.read(list);
    return (await this.known).get(String(tool)) ?? [];
  }

  /** The tools have changed. */
  forget(): void {
    this.known = undefined;
  }

  private async read(list: ListTools) {
    const found = new Map<string, readonly HeaderArgument[]>();
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES; page++) {
      const result = await list(cursor);
      const tools = result && own(result, 'tools');
      if (!result || !Array.isArray(tools)) {
        // Without the tools nothing can be checked; the next call asks again.
        this.forget();
        return found;
      }
      for (const tool of tools.filter(isObject)) {
        const name = own(tool, 'name');
        const schema = ownObject(tool, 'inputSchema');
        const declared = schema ? headerArguments(schema) : [];
        if (typeof name === 'string' && declared.length > 0)
          found.set(name, declared);
      }
      cursor = own(result, 'nextCursor');
      if (cursor === undefined || cursor === null) break;
    }
    return found;
  }
}
