import { FrameError } from './errors';
import { JsonObject, own, ownObject } from './json';
import { SUBSCRIPTION_ID } from './meta';
import { eachMember, Span } from './scan';

/** A value in a message that the bridge has to change on its way: what it is, how it was written, and where. */
export interface Place {
  readonly value: string | number;
  readonly text: string;
  readonly span: Span;
}

/** Longer ids and progress tokens are refused: they are kept while a call runs. */
export const MAX_ID_LENGTH = 1024;

/** The place of one member; a key that stands twice would be read differently by different parsers. */
function findOnce(
  raw: string,
  pos: number,
  wanted: string,
  where: string,
): Span | undefined {
  let found: Span | undefined;
  eachMember(raw, pos, (key, span) => {
    if (key !== wanted) return;
    if (found)
      throw new FrameError(
        -32600,
        `The key "${wanted}" stands twice in ${where}`,
      );
    found = span;
  });
  return found;
}

/** The place of a member of `params._meta` that is an id. */
function metaPlace(
  raw: string,
  key: string,
  params: JsonObject | undefined,
  paramsSpan: Span | undefined,
): Place | undefined {
  const meta = ownObject(params, '_meta');
  const value = meta && own(meta, key);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const metaSpan =
    paramsSpan && findOnce(raw, paramsSpan.start, '_meta', 'params');
  const span = metaSpan && findOnce(raw, metaSpan.start, key, 'params._meta');
  return span && { value, text: raw.slice(span.start, span.end), span };
}

export function progressPlace(
  raw: string,
  params: JsonObject | undefined,
  paramsSpan: Span | undefined,
): Place | undefined {
  const place = metaPlace(raw, 'progressToken', params, paramsSpan);
  if (place && place.text.length > MAX_ID_LENGTH) {
    throw new FrameError(
      -32600,
      `The progressToken is longer than ${MAX_ID_LENGTH} characters`,
    );
  }
  return place;
}

export function subscriptionPlace(
  raw: string,
  params: JsonObject | undefined,
  paramsSpan: Span | undefined,
): Place | undefined {
  return metaPlace(raw, SUBSCRIPTION_ID, params, paramsSpan);
}

export function referencePlace(
  raw: string,
  method: string,
  params: JsonObject | undefined,
  paramsSpan: Span | undefined,
): Place | undefined {
  let key: string;
  if (method === 'notifications/cancelled') key = 'requestId';
  else if (method === 'notifications/progress') key = 'progressToken';
  else return undefined;
  if (!params || !paramsSpan) return undefined;
  const value = own(params, key);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const span = findOnce(raw, paramsSpan.start, key, 'params');
  return span && { value, text: raw.slice(span.start, span.end), span };
}
