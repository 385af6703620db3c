type Lists<K extends string> = { [key in K]: string[] };

/** The schema (Standard Schema with JSON Schema) of a rule's parameters that are one list of strings. */
export function listParams<K extends string>(key: K, description: string) {
  const jsonSchema = () => ({
    type: 'object',
    properties: {
      [key]: { type: 'array', items: { type: 'string' }, description },
    },
    required: [key],
    additionalProperties: false,
  });
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'mcp-cloud',
      validate(
        value: unknown,
      ):
        | { value: Lists<K> }
        | { issues: Array<{ message: string; path: PropertyKey[] }> } {
        const list = (value as Partial<Lists<K>> | null | undefined)?.[key];
        return Array.isArray(list) &&
          list.every(item => typeof item === 'string')
          ? { value: { [key]: list } as Lists<K> }
          : { issues: [{ message: 'must be a list of strings', path: [key] }] };
      },
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}
