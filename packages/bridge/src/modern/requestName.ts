/** Which member of `params` the header `Mcp-Name` repeats. */
const NAMED_BY = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The member of `params` that the header `Mcp-Name` of such a request repeats, if there is one. */
export function nameMember(method: string): string | undefined {
  return NAMED_BY.get(method);
}
