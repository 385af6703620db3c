import { randomUUID } from 'node:crypto';
import { ErrorCode, errorText } from '../frames/errors';
import { insertMembers, mapMembers, memberText } from '../frames/edit';
import { parseFrame, RequestFrame, ResponseFrame } from '../frames/frame';
import { isObject, own } from '../frames/json';
import { splice } from '../frames/scan';
import type { CallOutlet, Outcome, Sent } from '../session/types';
import { isClientInput } from './clientInput';
import { legacyAnswer } from './toLegacy';

/** A server that asks more often than this for one call is not heard any more. */
const MAX_ROUNDS = 16;
/** A server that asks for nothing but another try gets it after this. */
const RETRY_MS = 250;

export interface InputRoundsOptions {
  /** Sends the call with more members of `params` (JSON text without braces), or none. */
  readonly send: (input: string, outlet: CallOutlet) => Sent;
  /** Asks the client; resolves with its answer. */
  readonly ask: (
    method: string,
    paramsText: string | undefined,
  ) => Promise<ResponseFrame>;
}

/**
 * One call of a session at a server of 2026-07-28. As long as the server
 * answers that it needs input, the client is asked for it, and the call is made
 * again with what it said.
 */
export class InputRounds implements Sent {
  private sent?: Sent;
  private cancelled = false;
  private rounds = 0;

  constructor(
    private readonly frame: RequestFrame,
    private readonly outlet: CallOutlet,
    private readonly options: InputRoundsOptions,
  ) {
    this.send('');
  }

  cancel: Sent['cancel'] = told => {
    this.cancelled = true;
    this.sent?.cancel(told);
  };

  private send(input: string): void {
    this.sent = this.options.send(input, {
      send: raw => this.outlet.send(raw),
      answer: (raw, outcome) => this.onAnswer(raw, outcome),
    });
  }

  private onAnswer(raw: string, outcome: Outcome): void {
    const { frame } = outcome;
    if (!frame) {
      this.outlet.answer(raw, outcome);
      return;
    }
    const { result } = frame;
    if (!isObject(result) || own(result, 'resultType') !== 'input_required') {
      this.outlet.answer(legacyAnswer(frame, this.frame.idText), outcome);
      return;
    }
    if (++this.rounds > MAX_ROUNDS) {
      this.fail(`The server still needs input after ${MAX_ROUNDS} rounds`);
      return;
    }
    this.round(frame).catch((error: Error) => this.fail(error.message));
  }

  /** @throws Error when the client does not give what is needed */
  private async round({ raw, resultSpan }: ResponseFrame): Promise<void> {
    const at = resultSpan?.start ?? 0;
    const requests = memberText(raw, at, 'inputRequests') ?? '{}';
    const state = memberText(raw, at, 'requestState');
    const asked: Promise<[string, string]>[] = [];
    mapMembers(requests, 0, (key, request) => {
      asked.push(this.ask(request).then(answer => [key, answer]));
      return undefined;
    });
    if (asked.length === 0)
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    const answers = (await Promise.all(asked)).map(
      ([key, answer]) => `${JSON.stringify(key)}:${answer}`,
    );
    if (this.cancelled) return;
    const input = [
      ...(answers.length > 0
        ? [`"inputResponses":{${answers.join(',')}}`]
        : []),
      ...(state === undefined ? [] : [`"requestState":${state}`]),
    ];
    this.send(input.join(','));
  }

  /** One question. @returns the client's result, as it was written */
  private async ask(request: string): Promise<string> {
    const method = String(
      JSON.parse(memberText(request, 0, 'method') ?? 'null'),
    );
    if (!isClientInput(method))
      throw new Error(`The server asked for ${method}, which is no input`);
    const params = memberText(request, 0, 'params');
    const frame = await this.options.ask(
      method,
      method === 'elicitation/create' ? withElicitationId(params) : params,
    );
    if (frame.error)
      throw new Error(`The client answered ${method} with an error`);
    const { raw, resultSpan } = frame;
    return resultSpan ? raw.slice(resultSpan.start, resultSpan.end) : '{}';
  }

  private fail(text: string): void {
    if (this.cancelled) return;
    const { idText } = this.frame;
    this.outlet.answer(errorText(idText, ErrorCode.unavailable, text), {
      status: 'error',
    });
  }
}

/** In sessions, asking by a link needs an id of its own. */
function withElicitationId(params: string | undefined): string | undefined {
  if (params === undefined) return undefined;
  const read: unknown = JSON.parse(params);
  if (!isObject(read) || own(read, 'mode') !== 'url') return params;
  if (own(read, 'elicitationId') !== undefined) return params;
  const added = `"elicitationId":"${randomUUID()}"`;
  return splice(params, [insertMembers(params, 0, added)]);
}

/** A request of the server to the client, as a frame. */
export function clientRequest(
  id: string,
  method: string,
  params: string | undefined,
): RequestFrame {
  const rest = params === undefined ? '' : `,"params":${params}`;
  return parseFrame(
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":${JSON.stringify(
      method,
    )}${rest}}`,
  ) as RequestFrame;
}
