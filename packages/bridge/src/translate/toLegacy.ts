import { insertMembers, mapMembers, memberSpan } from '../frames/edit';
import type {
  NotificationFrame,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import {
  LEGACY_VERSIONS,
  NEWEST_LEGACY,
  SERVER_INFO,
  SUBSCRIPTION_ID,
} from '../frames/meta';
import { Edit, splice } from '../frames/scan';

/**
 * A request of a session as a server of 2026-07-28 shall read it.
 * @param envelope members of `_meta` (JSON text without braces)
 * @param input more members of `params` (the same), or nothing
 */
export function modernRequest(
  frame: RequestFrame,
  id: string,
  envelope: string,
  input: string,
): string {
  const { raw, params, paramsSpan, progress } = frame;
  const edits: Edit[] = [{ span: frame.idSpan, text: id }];
  if (progress) edits.push({ span: progress.span, text: id });
  if (!paramsSpan) {
    const added = `"params":{"_meta":{${envelope}}${input && `,${input}`}}`;
    edits.push(insertMembers(raw, raw.indexOf('{'), added));
    return splice(raw, edits);
  }
  const meta = ownObject(params, '_meta')
    ? memberSpan(raw, paramsSpan.start, '_meta')
    : undefined;
  if (meta) edits.push(insertMembers(raw, meta.start, envelope));
  const added = [
    ...(meta ? [] : [`"_meta":{${envelope}}`]),
    ...(input ? [input] : []),
  ];
  if (added.length > 0)
    edits.push(insertMembers(raw, paramsSpan.start, added.join(',')));
  return splice(raw, edits);
}

/** An answer of 2026-07-28 as one in a session, under the client's id. */
export function legacyAnswer(frame: ResponseFrame, idText: string): string {
  const { raw, result, resultSpan } = frame;
  const edits: Edit[] = [{ span: frame.idSpan, text: idText }];
  if (resultSpan && isObject(result)) {
    const text = mapMembers(raw, resultSpan.start, (key, value) =>
      key === 'resultType' ? undefined : value,
    );
    edits.push({ span: resultSpan, text });
  }
  return splice(raw, edits);
}

/** What a subscription brings, as a session knows it. */
export function legacyNotification({
  raw,
  paramsSpan,
}: NotificationFrame): string {
  if (!paramsSpan) return raw;
  const text = mapMembers(raw, paramsSpan.start, (key, value) => {
    if (key !== '_meta') return value;
    const meta = mapMembers(value, 0, (name, member) =>
      name === SUBSCRIPTION_ID ? undefined : member,
    );
    return meta === '{}' ? undefined : meta;
  });
  return splice(raw, [{ span: paramsSpan, text }]);
}

/** The revision with sessions that a client shall speak. */
export function agreedVersion(params: JsonObject | undefined): string {
  const wanted = params && own(params, 'protocolVersion');
  return typeof wanted === 'string' && LEGACY_VERSIONS.includes(wanted)
    ? wanted
    : NEWEST_LEGACY;
}

/** The answer to `initialize`, out of the answer to `server/discover`. */
export function initialized(
  params: JsonObject | undefined,
  discovered: JsonObject,
): JsonObject {
  const instructions = own(discovered, 'instructions');
  return {
    protocolVersion: agreedVersion(params),
    capabilities: own(discovered, 'capabilities') ?? {},
    serverInfo: ownObject(discovered, '_meta')?.[SERVER_INFO] ?? {
      name: 'unnamed',
      version: '0',
    },
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
}

export function resultText(idText: string, result: JsonObject): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${JSON.stringify(result)}}`;
}
