/** The methods of the specification; any other is counted as `other`. */
const METHODS = new Set([
  'initialize',
  'ping',
  'completion/complete',
  'elicitation/create',
  'logging/setLevel',
  'prompts/get',
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/templates/list',
  'resources/unsubscribe',
  'roots/list',
  'sampling/createMessage',
  'server/discover',
  'subscriptions/listen',
  'tasks/cancel',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tools/call',
  'tools/list',
]);

export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

/** Lets the first `max` values through; later ones become `other`, so that no peer can fill the memory. */
export class BoundedLabels {
  private readonly seen = new Set<string>();

  constructor(private readonly max: number, private readonly maxLength = 128) {}

  of(value: unknown): string {
    if (
      typeof value !== 'string' ||
      value === '' ||
      value.length > this.maxLength
    )
      return 'other';
    if (this.seen.has(value)) return value;
    if (this.seen.size >= this.max) return 'other';
    this.seen.add(value);
    return value;
  }
}

/** The scheme of a resource's URI, e.g. `file`. */
export function schemeOf(uri: unknown): string {
  const match =
    typeof uri === 'string' ? /^([a-z][a-z0-9+.-]{0,31}):/i.exec(uri) : null;
  return match ? match[1].toLowerCase() : 'other';
}
