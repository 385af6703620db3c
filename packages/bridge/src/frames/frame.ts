import { errorText, FrameError } from './errors';
import { isObject, JsonObject, own } from './json';
import {
  MAX_ID_LENGTH,
  Place,
  progressPlace,
  referencePlace,
  subscriptionPlace,
} from './places';
import { eachMember, elementsOf, skipSpace, Span, splice } from './scan';

interface FrameBase {
  /** The whole message as one line of JSON text, without a line end. */
  readonly raw: string;
}

/** A message that wants an answer. */
export interface RequestFrame extends FrameBase {
  readonly kind: 'request';
  readonly method: string;
  readonly params?: JsonObject;
  readonly paramsSpan?: Span;
  /** The sender's id as it was written, e.g. `7` or `"a"`. */
  readonly idText: string;
  readonly idSpan: Span;
  /** `params._meta.progressToken` as it was written, with its place. */
  readonly progress?: Place;
}

/** A message that wants none. */
export interface NotificationFrame extends FrameBase {
  readonly kind: 'notification';
  readonly method: string;
  readonly params?: JsonObject;
  readonly paramsSpan?: Span;
  /** `params.requestId` of a cancellation or `params.progressToken` of a progress, as written. */
  readonly reference?: Place;
  /** The id of the `subscriptions/listen` request that it is for (2026-07-28). */
  readonly subscription?: Place;
}

/** An answer. */
export interface ResponseFrame extends FrameBase {
  readonly kind: 'response';
  readonly id: string | number | null;
  readonly idText: string;
  readonly idSpan: Span;
  readonly error?: JsonObject;
  readonly result?: unknown;
  readonly resultSpan?: Span;
}

export type Frame = RequestFrame | NotificationFrame | ResponseFrame;

const ROUTING_KEYS = new Set([
  'jsonrpc',
  'id',
  'method',
  'params',
  'result',
  'error',
]);

/** Line breaks in valid JSON are whitespace only, and a line of stdio must not hold any. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FrameError(-32700, 'The message is not valid JSON');
  }
}

function toFrame(message: unknown, raw: string): Frame {
  if (!isObject(message))
    throw new FrameError(-32600, 'A message must be a JSON object');
  if (own(message, 'jsonrpc') !== '2.0') {
    throw new FrameError(-32600, 'A message must say "jsonrpc": "2.0"');
  }
  let idSpan: Span | undefined;
  let paramsSpan: Span | undefined;
  let resultSpan: Span | undefined;
  let seen = '';
  eachMember(raw, skipSpace(raw, 0), (key, span) => {
    if (!ROUTING_KEYS.has(key)) return;
    if (seen.includes(` ${key} `))
      throw new FrameError(
        -32600,
        `The key "${key}" stands twice in the message`,
      );
    seen += ` ${key} `;
    if (key === 'id') idSpan = span;
    else if (key === 'params') paramsSpan = span;
    else if (key === 'result') resultSpan = span;
  });

  const id = own(message, 'id');
  if (idSpan && idSpan.end - idSpan.start > MAX_ID_LENGTH) {
    throw new FrameError(
      -32600,
      `The id is longer than ${MAX_ID_LENGTH} characters`,
    );
  }
  const method = own(message, 'method');
  if (typeof method === 'string') {
    const params = own(message, 'params');
    if (params !== undefined && !isObject(params)) {
      throw new FrameError(-32600, '"params" must be an object');
    }
    if (!idSpan) {
      return {
        kind: 'notification',
        raw,
        method,
        params,
        paramsSpan,
        reference: referencePlace(raw, method, params, paramsSpan),
        subscription: subscriptionPlace(raw, params, paramsSpan),
      };
    }
    if (typeof id !== 'string' && typeof id !== 'number') {
      throw new FrameError(
        -32600,
        'The id of a request must be a string or a number',
      );
    }
    return {
      kind: 'request',
      raw,
      method,
      params,
      paramsSpan,
      idText: raw.slice(idSpan.start, idSpan.end),
      idSpan,
      progress: progressPlace(raw, params, paramsSpan),
    };
  }
  if (method !== undefined)
    throw new FrameError(-32600, '"method" must be a string');
  const hasResult = seen.includes(' result ');
  const hasError = seen.includes(' error ');
  if (
    idSpan &&
    hasResult !== hasError &&
    (typeof id === 'string' || typeof id === 'number' || id === null)
  ) {
    const error = own(message, 'error');
    return {
      kind: 'response',
      raw,
      id,
      idText: raw.slice(idSpan.start, idSpan.end),
      idSpan,
      ...(hasError
        ? { error: isObject(error) ? error : {} }
        : { result: own(message, 'result'), resultSpan }),
    };
  }
  throw new FrameError(
    -32600,
    'The message is neither a request, a notification nor a response',
  );
}

/**
 * Reads one message.
 * @throws FrameError when the text is no JSON (-32700) or no JSON-RPC message (-32600)
 */
export function parseFrame(text: string): Frame {
  const raw = oneLine(text);
  return toFrame(parseJson(raw), raw);
}

/** A response of the bridge's own, as if it had come in. */
export function errorFrame(
  idText: string,
  code: number,
  message: string,
  data?: JsonObject,
): ResponseFrame {
  return parseFrame(errorText(idText, code, message, data)) as ResponseFrame;
}

/** What comes in one piece: one message, or (2025-03-26 only) a batch. */
export interface Body {
  readonly batch: boolean;
  readonly frames: readonly Frame[];
}

/**
 * Reads the body of a POST.
 * @throws FrameError
 */
export function parseBody(text: string): Body {
  const raw = oneLine(text);
  const message = parseJson(raw);
  if (!Array.isArray(message))
    return { batch: false, frames: [toFrame(message, raw.trim())] };
  if (message.length === 0)
    throw new FrameError(-32600, 'A batch must not be empty');
  const texts = elementsOf(raw, skipSpace(raw, 0));
  return {
    batch: true,
    frames: texts.map((item, index) => toFrame(message[index], item)),
  };
}

/** A key by which an id is found again: `1` and `"1"` are different ids, `"a"` and `"\u0061"` the same. */
export function idKey(idText: string): string {
  if (!idText.startsWith('"')) {
    const value = Number(idText);
    return Number.isSafeInteger(value) ? `n${value}` : `n${idText}`;
  }
  return `s${
    idText.includes('\\') ? String(JSON.parse(idText)) : idText.slice(1, -1)
  }`;
}

/** The request under another id and, if it has a progress token, another token. Both are JSON texts. */
export function readdressRequest(
  frame: RequestFrame,
  idText: string,
  tokenText: string,
): string {
  const edits = [{ span: frame.idSpan, text: idText }];
  if (frame.progress)
    edits.push({ span: frame.progress.span, text: tokenText });
  return splice(frame.raw, edits);
}

/** The response under another id (a JSON text). */
export function readdressResponse(
  frame: ResponseFrame,
  idText: string,
): string {
  return splice(frame.raw, [{ span: frame.idSpan, text: idText }]);
}

/** A cancellation or progress that refers to something else (a JSON text); needs `frame.reference`. */
export function readdressReference(
  frame: NotificationFrame,
  text: string,
): string {
  return frame.reference
    ? splice(frame.raw, [{ span: frame.reference.span, text }])
    : frame.raw;
}

/** A notification for another subscription (a JSON text); needs `frame.subscription`. */
export function readdressSubscription(
  frame: NotificationFrame,
  text: string,
): string {
  return frame.subscription
    ? splice(frame.raw, [{ span: frame.subscription.span, text }])
    : frame.raw;
}
