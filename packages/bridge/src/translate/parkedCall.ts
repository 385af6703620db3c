import { ErrorCode, errorText, Refusal } from '../frames/errors';
import { memberText } from '../frames/edit';
import {
  errorFrame,
  NotificationFrame,
  parseFrame,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import { isObject, JsonObject, own } from '../frames/json';
import { isLogged } from '../frames/meta';
import type { ModernRequest } from '../modern/server';
import type { HeldCall, HeldServer } from '../pool/heldServer';
import type { RelayCall } from '../session/relay';
import type { CallOutlet, Outcome } from '../session/types';
import { isClientInput, missingCapabilities, union } from './clientInput';
import { unknownCall } from './parkedCalls';
import { legacyRequest, modernAnswer } from './toModern';

/** Questions that a server asks at the same time come within this. */
const GATHER_MS = 20;

export interface ParkedCallOptions {
  readonly serverInfo: unknown;
  /** Names the call to its client from now on. @returns `requestState` */
  readonly park: (call: ParkedCall) => string;
  readonly onResume: (call: ParkedCall) => void;
  /** The call is over; `spoilt` when the server has not answered it. */
  readonly onEnd: (call: ParkedCall, spoilt: boolean) => void;
}

/**
 * A call of 2026-07-28 at a server with sessions. When the server asks its
 * client something, the call is answered with the questions and stays where it
 * is until another request brings what was asked for.
 */
export class ParkedCall implements HeldCall {
  /** Where its client waits now; nobody does while it is parked. */
  private outlet?: CallOutlet;
  private request: ModernRequest;
  private sent?: RelayCall;
  /** What the server has asked, by the names that the client knows, with the ids of the server. */
  private readonly questions = new Map<string, RequestFrame>();
  private nextQuestion = 1;
  /** What the client cannot be asked; the server hears of it when the rest is asked. */
  private readonly refused: RequestFrame[] = [];
  private missing?: JsonObject;
  private gather?: NodeJS.Timeout;
  /** An answer that came while nobody waited. */
  private finished?: { raw: string; outcome: Outcome };
  private over = false;

  constructor(
    readonly server: HeldServer,
    request: ModernRequest,
    outlet: CallOutlet,
    private readonly options: ParkedCallOptions,
  ) {
    this.request = request;
    this.outlet = outlet;
    const { frame } = request;
    this.sent = server.request(frame, this, id => legacyRequest(frame, id));
  }

  get isParked(): boolean {
    return this.outlet === undefined;
  }

  get principal() {
    return this.request.principal;
  }

  /**
   * Goes on with what the client has brought.
   * @throws Refusal 400 when it is not what was asked for
   */
  resume(request: ModernRequest, outlet: CallOutlet): void {
    const { frame } = request;
    // Whoever may make one call may not go on with another.
    if (nameOf(frame) !== nameOf(this.request.frame)) throw unknownCall();
    const responses = own(frame.params ?? {}, 'inputResponses');
    if (!isObject(responses) || !Object.values(responses).every(isObject))
      throw new Refusal(
        400,
        'protocol',
        'inputResponses must hold an object for each input',
        { code: ErrorCode.invalidParams },
      );
    this.request = request;
    this.outlet = outlet;
    this.options.onResume(this);
    if (this.finished) {
      this.finish(this.finished.raw, this.finished.outcome);
      return;
    }
    if (this.sent) {
      this.sent.idText = frame.idText;
      this.sent.tokenText = frame.progress?.text;
      this.server.relay.restartClock(this.sent);
    }
    for (const [key, question] of [...this.questions]) {
      if (own(responses, key) === undefined) continue;
      this.questions.delete(key);
      this.server.relay.child.send(
        `{"jsonrpc":"2.0","id":${question.idText},"result":${responseText(
          frame,
          key,
        )}}`,
      );
    }
    // What was not answered is asked again.
    if (this.questions.size > 0) this.askSoon();
  }

  /** Gives it up: its client has left, or does not come back. */
  giveUp(told?: NotificationFrame): void {
    if (this.over) return;
    this.server.cancel(this, told);
    this.end(true);
  }

  send(raw: string): void {
    this.outlet?.send(raw);
  }

  answer(raw: string, outcome: Outcome): void {
    clearTimeout(this.gather);
    this.questions.clear();
    if (this.outlet) this.finish(raw, outcome);
    else this.finished = { raw, outcome };
  }

  onRequest(frame: RequestFrame): void {
    const { method, params } = frame;
    const { capabilities } = this.request.envelope;
    if (!isClientInput(method)) {
      this.refuse(frame);
      return;
    }
    const missing = missingCapabilities(method, params, capabilities);
    if (missing) {
      this.missing = union(this.missing ?? {}, missing);
      this.refused.push(frame);
      this.askSoon();
      return;
    }
    this.questions.set(`input-${this.nextQuestion++}`, frame);
    this.askSoon();
  }

  onLog(frame: NotificationFrame): void {
    const { logLevel } = this.request.envelope;
    if (logLevel !== undefined && isLogged(frame.params, logLevel))
      this.outlet?.send(frame.raw);
  }

  private askSoon(): void {
    this.gather ??= setTimeout(() => {
      this.gather = undefined;
      this.ask();
    }, GATHER_MS);
  }

  private refuse({ idText, method }: RequestFrame): void {
    const text = `The client cannot be asked for ${method}`;
    this.server.relay.respond(
      errorFrame(idText, ErrorCode.methodNotFound, text),
    );
  }

  private ask(): void {
    for (const frame of this.refused.splice(0)) this.refuse(frame);
    const { outlet, sent } = this;
    if (!outlet || !sent || this.questions.size === 0) return;
    const requests = [...this.questions].map(
      ([key, frame]) => `"${key}":${questionText(frame)}`,
    );
    const state = JSON.stringify(this.options.park(this));
    const result = `{"resultType":"input_required","inputRequests":{${requests.join(
      ',',
    )}},"requestState":${state}}`;
    this.outlet = undefined;
    this.server.relay.stopClock(sent);
    const raw = `{"jsonrpc":"2.0","id":${this.request.frame.idText},"result":${result}}`;
    const frame = parseFrame(raw) as ResponseFrame;
    outlet.answer(raw, { status: 'ok', frame });
  }

  private finish(raw: string, { status, frame }: Outcome): void {
    const { outlet, request } = this;
    const { idText, method } = request.frame;
    this.end(frame === undefined && status === 'timeout');
    if (this.missing && failed(frame)) {
      const text = 'The client lacks capabilities that the server needs';
      const data = { requiredCapabilities: this.missing };
      const code = ErrorCode.missingCapability;
      outlet?.answer(errorText(idText, code, text, data), {
        status: 'error',
        frame: errorFrame(idText, code, text, data),
      });
      return;
    }
    const answer = frame
      ? modernAnswer(frame, method, idText, this.options.serverInfo)
      : raw;
    outlet?.answer(answer, { status, frame });
  }

  private end(spoilt: boolean): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.gather);
    this.options.onEnd(this, spoilt);
  }
}

/** What rules for callers look at. */
function nameOf({ method, params }: RequestFrame): string {
  return JSON.stringify([method, params && own(params, 'name')]);
}

function failed(frame: ResponseFrame | undefined): boolean {
  if (!frame || frame.error) return true;
  return isObject(frame.result) && own(frame.result, 'isError') === true;
}

/** A request as a question: without the frame around it. */
function questionText({ raw, method, paramsSpan }: RequestFrame): string {
  const params = paramsSpan
    ? `,"params":${raw.slice(paramsSpan.start, paramsSpan.end)}`
    : '';
  return `{"method":${JSON.stringify(method)}${params}}`;
}

/** One of the answers that a request brings, as it was written. */
function responseText({ raw, paramsSpan }: RequestFrame, key: string): string {
  const all = paramsSpan && memberText(raw, paramsSpan.start, 'inputResponses');
  return (all && memberText(all, 0, key)) ?? '{}';
}
