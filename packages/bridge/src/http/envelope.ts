import type { IncomingHttpHeaders } from 'node:http';
import { ErrorCode, invalid, Refusal } from '../frames/errors';
import type { Body, NotificationFrame, RequestFrame } from '../frames/frame';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import {
  CLIENT_CAPABILITIES,
  CLIENT_INFO,
  LOG_LEVEL,
  MODERN_VERSION,
  PROTOCOL_VERSION,
  SEVERITY,
} from '../frames/meta';
import { nameMember } from '../modern/requestName';
import { decodeSentinel } from '../modern/sentinel';

/** Revisions are dates, so their order is that of their texts. */
function isModern(version: string | undefined): boolean {
  return version !== undefined && version >= MODERN_VERSION;
}

function headerOf(headers: IncomingHttpHeaders, name: string) {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : undefined;
}

function versionHeader(headers: IncomingHttpHeaders): string | undefined {
  return headerOf(headers, 'mcp-protocol-version');
}

/** Whether the headers alone say that a request is of a revision without sessions. */
export function saysModern(headers: IncomingHttpHeaders): boolean {
  return isModern(versionHeader(headers));
}

function claimOf({ params }: { readonly params?: JsonObject }): unknown {
  const meta = ownObject(params, '_meta');
  return meta && own(meta, PROTOCOL_VERSION);
}

function mismatch(message: string): Refusal {
  return new Refusal(
    400,
    'protocol',
    `The headers and the body disagree: ${message}`,
    { code: ErrorCode.headerMismatch },
  );
}

function badParams(message: string): Refusal {
  return new Refusal(400, 'protocol', message, {
    code: ErrorCode.invalidParams,
  });
}

function unsupported(requested: string): Refusal {
  const cut = requested.slice(0, 40);
  return new Refusal(400, 'protocol', `Unsupported protocol version: ${cut}`, {
    code: ErrorCode.unsupportedVersion,
    data: { supported: [MODERN_VERSION], requested: cut },
  });
}

/** What is wrong with what a request says of its client, in words. */
function envelopeFault(meta: JsonObject | undefined): string | undefined {
  if (!meta) return '_meta is missing';
  for (const key of [PROTOCOL_VERSION, CLIENT_CAPABILITIES])
    if (own(meta, key) === undefined) return `_meta lacks ${key}`;
  if (typeof own(meta, PROTOCOL_VERSION) !== 'string')
    return `${PROTOCOL_VERSION} must be a string`;
  if (!isObject(own(meta, CLIENT_CAPABILITIES)))
    return `${CLIENT_CAPABILITIES} must be an object`;
  const info = own(meta, CLIENT_INFO);
  const isInfo =
    info === undefined ||
    (isObject(info) &&
      typeof own(info, 'name') === 'string' &&
      typeof own(info, 'version') === 'string');
  if (!isInfo) return `${CLIENT_INFO} must have a name and a version`;
  const level = own(meta, LOG_LEVEL);
  const isLevel =
    level === undefined ||
    (typeof level === 'string' && SEVERITY.includes(level));
  return isLevel ? undefined : `${LOG_LEVEL} must be a level`;
}

/**
 * What a POST is by its body, with its headers as a check: a message of
 * 2026-07-28, or nothing for one of a revision with sessions.
 * @throws Refusal when it is neither
 */
export function modernFrame(
  headers: IncomingHttpHeaders,
  { batch, frames }: Body,
): RequestFrame | NotificationFrame | undefined {
  if (batch) {
    const isModernPart = frames.some(
      frame => frame.kind !== 'response' && claimOf(frame) !== undefined,
    );
    if (isModernPart)
      throw invalid('Batches do not exist in revision 2026-07-28');
    return undefined;
  }
  const [frame] = frames;
  if (frame.kind === 'response') {
    if (saysModern(headers))
      throw invalid('Responses are not posted in revision 2026-07-28');
    return undefined;
  }
  return frame.kind === 'request'
    ? modernRequest(headers, frame)
    : modernNotification(headers, frame);
}

function modernRequest(
  headers: IncomingHttpHeaders,
  frame: RequestFrame,
): RequestFrame | undefined {
  const version = versionHeader(headers);
  const claim = claimOf(frame);
  const fault = envelopeFault(ownObject(frame.params, '_meta'));
  if (frame.method === 'initialize') {
    // Its own revisions' way to begin, unless all else says otherwise.
    const isClaimed =
      typeof claim === 'string' && isModern(claim) && fault === undefined;
    if (!isClaimed && isModern(version))
      throw mismatch(`initialize does not exist in revision ${version}`);
    if (!isClaimed) return undefined;
  }
  if (claim === undefined && !isModern(version)) return undefined;
  if (fault !== undefined) throw badParams(`Invalid params: ${fault}`);
  checkHeaders(headers, frame, String(claim));
  if (claim !== MODERN_VERSION) throw unsupported(String(claim));
  checkName(headers, frame);
  return frame;
}

function modernNotification(
  headers: IncomingHttpHeaders,
  frame: NotificationFrame,
): NotificationFrame | undefined {
  const version = versionHeader(headers);
  const claim = claimOf(frame);
  if (claim === undefined && !isModern(version)) return undefined;
  if (claim !== undefined && typeof claim !== 'string')
    throw badParams(`Invalid params: ${PROTOCOL_VERSION} must be a string`);
  const said = claim ?? version;
  if (version !== undefined && said !== version)
    throw mismatch(`the body says ${said}, MCP-Protocol-Version ${version}`);
  const method = headerOf(headers, 'mcp-method');
  if (isModern(said) && method !== undefined && method !== frame.method)
    throw mismatch(`the method is ${frame.method}, Mcp-Method says ${method}`);
  if (said !== MODERN_VERSION) throw unsupported(String(said));
  return frame;
}

function checkHeaders(
  headers: IncomingHttpHeaders,
  { method }: RequestFrame,
  claim: string,
): void {
  const version = versionHeader(headers);
  if (version !== undefined && version !== claim)
    throw mismatch(`the body says ${claim}, MCP-Protocol-Version ${version}`);
  const said = headerOf(headers, 'mcp-method');
  if (said !== undefined && said !== method)
    throw mismatch(`the method is ${method}, Mcp-Method says ${said}`);
}

/** Headers that must be there; a request that lacks one is answered after what is wrong otherwise. */
function checkName(headers: IncomingHttpHeaders, frame: RequestFrame): void {
  if (versionHeader(headers) === undefined)
    throw mismatch('the header MCP-Protocol-Version is missing');
  if (headerOf(headers, 'mcp-method') === undefined)
    throw mismatch('the header Mcp-Method is missing');
  const member = nameMember(frame.method);
  if (member === undefined) return;
  const value = frame.params && own(frame.params, member);
  const header = headerOf(headers, 'mcp-name');
  if (header === undefined) {
    if (typeof value !== 'string') return; // the server says what is wrong
    throw mismatch('the header Mcp-Name is missing');
  }
  const said = decodeSentinel(header);
  if (said === undefined) throw mismatch('Mcp-Name is not valid base64');
  if (typeof value === 'string' && said !== value)
    throw mismatch(`Mcp-Name is not params.${member}`);
}
