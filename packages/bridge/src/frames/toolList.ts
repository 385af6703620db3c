import { memberSpan } from './edit';
import { Edit, elementsOf, skipSpace, splice } from './scan';

function nameOf(tool: string): string | undefined {
  const { name } = JSON.parse(tool) as { name?: unknown };
  return typeof name === 'string' ? name : undefined;
}

/**
 * An answer to `tools/list` with the tools that may be seen, which is then not
 * for others to keep; everything else stays as the server wrote it.
 */
export function filterTools(
  raw: string,
  visible: (name: string) => boolean,
): string {
  const result = memberSpan(raw, skipSpace(raw, 0), 'result');
  const tools = result && memberSpan(raw, result.start, 'tools');
  if (!tools || raw[tools.start] !== '[') return raw;
  const kept = elementsOf(raw, tools.start).filter(tool => {
    const name = tool.startsWith('{') ? nameOf(tool) : undefined;
    return name !== undefined && visible(name);
  });
  const edits: Edit[] = [{ span: tools, text: `[${kept.join(',')}]` }];
  const scope = memberSpan(raw, result.start, 'cacheScope');
  if (scope) edits.push({ span: scope, text: '"private"' });
  return splice(raw, edits);
}
