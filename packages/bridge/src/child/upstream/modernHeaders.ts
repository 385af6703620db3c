import { ErrorCode } from '../../frames/errors';
import type { NotificationFrame, RequestFrame } from '../../frames/frame';
import { JsonObject, own, ownObject } from '../../frames/json';
import { MODERN_VERSION } from '../../frames/meta';
import { argumentHeaders } from '../../modern/headerArguments';
import { nameMember } from '../../modern/requestName';
import { encodeSentinel } from '../../modern/sentinel';
import { ListTools, ToolHeaders } from '../../modern/toolHeaders';

/** The headers of messages of 2026-07-28, which repeat what stands in the body. */
export class ModernHeaders {
  private readonly tools = new ToolHeaders();

  /** @param list asks the server for its tools, which declare what arguments are repeated */
  constructor(private readonly list: ListTools) {}

  async of({
    method,
    params,
  }: RequestFrame | NotificationFrame): Promise<Record<string, string>> {
    const member = nameMember(method);
    const name = member && params && own(params, member);
    const headers = {
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': encodeSentinel(name) } : {}),
    };
    if (method !== 'tools/call') return headers;
    const declared = await this.tools.declaredBy(name, this.list);
    const args = params && ownObject(params, 'arguments');
    return { ...headers, ...argumentHeaders(declared, args) };
  }

  /** An answer that says that the headers were wrong: the tools have changed. */
  learn(error: JsonObject | undefined): void {
    if (error && own(error, 'code') === ErrorCode.headerMismatch)
      this.tools.forget();
  }
}
