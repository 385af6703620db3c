import { ErrorCode } from '../frames/errors';
import { insertMembers, mapMembers, memberSpan } from '../frames/edit';
import {
  NotificationFrame,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import { ENVELOPE_KEYS, MODERN_VERSION, SERVER_INFO } from '../frames/meta';
import { Edit, splice } from '../frames/scan';

/** Requests whose answers say how long they may be kept. */
const CACHEABLE = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);
/** "Resource not found" of the revisions with sessions. */
const RESOURCE_NOT_FOUND = -32002;
/** Nothing is known of when a result changes, nor whom else it may be shown to. */
const UNCACHED = '"ttlMs":0,"cacheScope":"private"';

/** A request of 2026-07-28 as a server with sessions shall read it. */
export function legacyRequest(frame: RequestFrame, id: string): string {
  const edits: Edit[] = [{ span: frame.idSpan, text: id }];
  if (frame.paramsSpan) {
    const text = mapMembers(frame.raw, frame.paramsSpan.start, (key, value) => {
      if (key === 'inputResponses' || key === 'requestState') return undefined;
      return key === '_meta' ? legacyMeta(value, id) : value;
    });
    edits.push({ span: frame.paramsSpan, text });
  }
  return splice(frame.raw, edits);
}

/** A notification of 2026-07-28 as a server with sessions shall read it. */
export function legacyNotice({ raw, paramsSpan }: NotificationFrame): string {
  if (!paramsSpan) return raw;
  const text = mapMembers(raw, paramsSpan.start, (key, value) =>
    key === '_meta' ? legacyMeta(value) : value,
  );
  return splice(raw, [{ span: paramsSpan, text }]);
}

function legacyMeta(meta: string, token?: string): string | undefined {
  if (!meta.startsWith('{')) return meta;
  const text = mapMembers(meta, 0, (key, value) => {
    if (ENVELOPE_KEYS.has(key)) return undefined;
    return key === 'progressToken' && token !== undefined ? token : value;
  });
  return text === '{}' ? undefined : text;
}

/**
 * What a server with sessions answered, as an answer of 2026-07-28.
 * @param idText the id under which the client knows the request
 */
export function modernAnswer(
  frame: ResponseFrame,
  method: string,
  idText: string,
  serverInfo: unknown,
): string {
  const edits: Edit[] = [{ span: frame.idSpan, text: idText }];
  if (frame.error) edits.push(...errorEdits(frame));
  else edits.push(...resultEdits(frame, method, serverInfo));
  return splice(frame.raw, edits);
}

function errorEdits({ raw, error }: ResponseFrame): Edit[] {
  if (!error || own(error, 'code') !== RESOURCE_NOT_FOUND) return [];
  const place = memberSpan(raw, raw.indexOf('{'), 'error');
  const span = place && memberSpan(raw, place.start, 'code');
  return span ? [{ span, text: String(ErrorCode.invalidParams) }] : [];
}

function resultEdits(
  { raw, result, resultSpan }: ResponseFrame,
  method: string,
  serverInfo: unknown,
): Edit[] {
  if (!isObject(result) || !resultSpan) return [];
  const added: string[] = [];
  const edits: Edit[] = [];
  if (own(result, 'resultType') === undefined)
    added.push('"resultType":"complete"');
  if (CACHEABLE.has(method) && own(result, 'ttlMs') === undefined)
    added.push(UNCACHED);
  const named = `${JSON.stringify(SERVER_INFO)}:${JSON.stringify(serverInfo)}`;
  const meta = own(result, '_meta');
  if (meta === undefined) added.push(`"_meta":{${named}}`);
  else if (isObject(meta) && own(meta, SERVER_INFO) === undefined) {
    const span = memberSpan(raw, resultSpan.start, '_meta');
    if (span) edits.push(insertMembers(raw, span.start, named));
  }
  if (added.length > 0)
    edits.push(insertMembers(raw, resultSpan.start, added.join(',')));
  return edits;
}

/** An answer of the bridge's own. */
export function modernResult(
  idText: string,
  result: JsonObject,
  serverInfo: unknown,
): string {
  const meta = { ...ownObject(result, '_meta'), [SERVER_INFO]: serverInfo };
  const text = JSON.stringify({
    resultType: 'complete',
    ...result,
    _meta: meta,
  });
  return `{"jsonrpc":"2.0","id":${idText},"result":${text}}`;
}

/** The answer to `server/discover`, out of the answer to `initialize`. */
export function discovered(initialized: JsonObject): JsonObject {
  const { tasks, ...capabilities } =
    ownObject(initialized, 'capabilities') ?? {};
  const instructions = own(initialized, 'instructions');
  return {
    supportedVersions: [MODERN_VERSION],
    capabilities,
    ...(typeof instructions === 'string' ? { instructions } : {}),
    ttlMs: 0,
    cacheScope: 'private',
  };
}
