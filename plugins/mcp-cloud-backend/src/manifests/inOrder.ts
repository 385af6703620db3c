/**
 * The same value with the keys of every object in one order: a database may give them back in another one than they
 * were written in, which must not roll pods.
 */
export function inOrder<T>(value: T): T {
  if (Array.isArray(value)) {
    return value.map(inOrder) as T;
  }
  return typeof value === 'object' && value !== null
    ? (Object.fromEntries(
        Object.entries(value)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([key, entry]) => [key, inOrder(entry)]),
      ) as T)
    : value;
}
