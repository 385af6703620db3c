/** A JSON object as `JSON.parse` makes it: own properties only are to be trusted. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of an object, if it is its own. */
export function own(object: JsonObject, key: string): unknown {
  return Object.prototype.hasOwnProperty.call(object, key)
    ? object[key]
    : undefined;
}

/** A member that is an object itself. */
export function ownObject(
  object: JsonObject | undefined,
  key: string,
): JsonObject | undefined {
  const value = object && own(object, key);
  return isObject(value) ? value : undefined;
}
