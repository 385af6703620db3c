import { isObject, JsonObject, own, ownObject } from '../frames/json';

/** What a server may ask its client: over sessions by a request of its own, else by the result of a call. */
const ASKED = new Set([
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
]);

/** Calls during which a server may ask its client something. */
const ASKING = new Set(['tools/call', 'prompts/get', 'resources/read']);

export function isClientInput(method: string): boolean {
  return ASKED.has(method);
}

/** Whether the server may have something to ask before it answers. */
export function mayAsk(method: string, capabilities: JsonObject): boolean {
  return (
    ASKING.has(method) &&
    ['elicitation', 'sampling', 'roots'].some(
      name => own(capabilities, name) !== undefined,
    )
  );
}

/** The capabilities that a client needs to be asked this; nothing when it has them. */
export function missingCapabilities(
  method: string,
  params: JsonObject | undefined,
  capabilities: JsonObject,
): JsonObject | undefined {
  const [name, part] = needOf(method, params);
  const declared = own(capabilities, name);
  const members = isObject(declared) ? declared : {};
  if (declared !== undefined) {
    if (part === undefined || own(members, part) !== undefined)
      return undefined;
    // Before there were two kinds of elicitation, it meant forms.
    if (part === 'form' && own(members, 'url') === undefined) return undefined;
  }
  return { [name]: part === undefined ? {} : { [part]: {} } };
}

function needOf(
  method: string,
  params: JsonObject | undefined,
): [name: string, part?: string] {
  if (method === 'roots/list') return ['roots'];
  if (method === 'elicitation/create')
    return ['elicitation', params?.mode === 'url' ? 'url' : 'form'];
  const withTools =
    params?.tools !== undefined || params?.toolChoice !== undefined;
  return withTools ? ['sampling', 'tools'] : ['sampling'];
}

/** The capabilities that either names. */
export function union(one: JsonObject, other: JsonObject): JsonObject {
  const all: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other))
    all[name] = { ...ownObject(all, name), ...(isObject(value) ? value : {}) };
  return all;
}
