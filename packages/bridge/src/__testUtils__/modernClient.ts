import {
  CLIENT_CAPABILITIES,
  CLIENT_INFO,
  LOG_LEVEL,
  MODERN_VERSION,
  PROTOCOL_VERSION,
} from '../frames/meta';
import { Answer, OpenStream, openStream, send } from './client';

interface Options {
  readonly id?: string | number;
  readonly capabilities?: object;
  readonly logLevel?: string;
  readonly token?: string | number;
  /** In place of those that a good client sends; `undefined` leaves one out. */
  readonly headers?: Record<string, string | undefined>;
}

type Params = Record<string, unknown>;

/** A client of 2026-07-28, as raw as the wire. */
export class ModernClient {
  constructor(
    readonly port: number,
    readonly headers: Record<string, string> = {},
  ) {}

  request(method: string, params: Params = {}, options: Options = {}) {
    return send(this.port, this.message(method, params, options));
  }

  call(name: string, args: Params = {}, options: Options = {}, more?: Params) {
    const params = { name, arguments: args, ...more };
    return this.request('tools/call', params, options);
  }

  /** A request whose answer is read while it comes. */
  start(
    method: string,
    params: Params = {},
    options: Options = {},
  ): Promise<OpenStream> {
    return openStream(this.port, this.message(method, params, options));
  }

  /** Goes on with a call that needs input. */
  resume(
    answered: Answer,
    inputResponses: unknown,
    name: string,
    options: Options = {},
  ) {
    const requestState = stateOf(answered);
    return this.call(name, {}, options, { inputResponses, requestState });
  }

  private message(
    method: string,
    params: Params,
    { id = 1, capabilities = {}, logLevel, token, headers = {} }: Options,
  ) {
    const _meta = {
      [PROTOCOL_VERSION]: MODERN_VERSION,
      [CLIENT_INFO]: { name: 'raw', version: '1' },
      [CLIENT_CAPABILITIES]: capabilities,
      ...(logLevel === undefined ? {} : { [LOG_LEVEL]: logLevel }),
      ...(token === undefined ? {} : { progressToken: token }),
    };
    const name = params.name ?? params.uri;
    const all = {
      ...this.headers,
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...headers,
    };
    const sent = Object.entries(all).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {
      headers: Object.fromEntries(sent),
      body: JSON.stringify({
        jsonrpc: '2.0',
        id,
        method,
        params: { ...params, _meta },
      }),
    };
  }
}

interface InputRequired {
  readonly inputRequests: Record<string, { method: string }>;
  readonly requestState: string;
}

function inputOf({ messages }: Answer): InputRequired {
  return messages.at(-1)?.result as unknown as InputRequired;
}

export function stateOf(answer: Answer): string {
  return inputOf(answer).requestState;
}

/** The one thing that a call needs, by the name under which it is given. */
export function neededBy(answer: Answer): string {
  return Object.keys(inputOf(answer).inputRequests)[0];
}
