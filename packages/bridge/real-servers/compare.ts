import type { Recording } from './record.ts';
import type { Server, Varies } from './server.ts';

export interface Difference {
  /** JSON pointer into the recording. */
  readonly at: string;
  readonly direct: unknown;
  readonly bridged: unknown;
}

type Json = Record<string, unknown> | unknown[];

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null;
const escape = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');
const unescape = (key: string) =>
  key.replaceAll('~1', '/').replaceAll('~0', '~');

const entries = (value: Json): [string, unknown][] => Object.entries(value);

/** All places at which two JSON values differ. */
function differences(direct: unknown, bridged: unknown, at = ''): Difference[] {
  if (Object.is(direct, bridged)) return [];
  const sameKind =
    isJson(direct) &&
    isJson(bridged) &&
    Array.isArray(direct) === Array.isArray(bridged);
  if (!sameKind) return [{ at, direct, bridged }];
  const [left, right] = [new Map(entries(direct)), new Map(entries(bridged))];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap(key =>
    differences(left.get(key), right.get(key), `${at}/${escape(key)}`),
  );
}

/** Puts a word in the place of what varies. @throws Error when nothing is there: such an entry would hide a mistake */
function settle(recording: unknown, { at, part }: Varies): void {
  const keys = at.split('/').slice(1).map(unescape);
  const last = keys.pop() ?? '';
  let parent = recording;
  for (const key of keys)
    parent = isJson(parent) ? Reflect.get(parent, key) : undefined;
  const value: unknown = isJson(parent) ? Reflect.get(parent, last) : undefined;
  if (!isJson(parent) || value === undefined)
    throw new Error(`"varies" names ${at}, where nothing is`);
  if (part === undefined) {
    Reflect.set(parent, last, '(varies)');
    return;
  }
  if (typeof value !== 'string' || !value.match(part))
    throw new Error(
      `"varies" names ${part} at ${at}, where ${JSON.stringify(value)} is`,
    );
  Reflect.set(parent, last, value.replace(part, '(varies)'));
}

/** A copy of a recording that should be the same in every run. */
function settled(server: Server, recording: Recording): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(recording));
  server.calls.forEach(({ varies = [] }, index) =>
    varies.forEach(one =>
      settle(copy, { ...one, at: `/calls/${index}/result${one.at}` }),
    ),
  );
  return copy;
}

/** Where the bridge gave something else than the server, apart from what varies. */
export const compare = (
  server: Server,
  direct: Recording,
  bridged: Recording,
): Difference[] =>
  differences(settled(server, direct), settled(server, bridged));
