import { Option, OPTIONS, variableOf } from './options';

const INTRODUCTION = `# The bridge's configuration

<!-- Made by \`yarn workspace @mcp-cloud/bridge reference\` out of the schema; changes belong there. -->

Every option of \`mcp-bridge\`. An option of the YAML file (\`--config\`, \`MCP_BRIDGE_CONFIG\`) may also stand on the command line
or in the environment where a flag or variable is named; flags win over variables, variables over the file. Lists are written
with commas there. Durations are \`500ms\`, \`30s\`, \`1h30m\`; sizes \`512kB\`, \`4MB\`, \`4MiB\`.
[What the options do together](bridge.md) has examples.
`;

const HEAD = `| Option | Type | Default | Meaning | Flag, variable |
| --- | --- | --- | --- | --- |`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function row({
  path,
  kind,
  list,
  initial,
  required,
  help,
  flag,
}: Option): string {
  const cells = [
    `\`${path.join('.')}\``,
    cell(`${list ? 'list of ' : ''}${kind}${required ? ', required' : ''}`),
    initial === undefined ? '' : `\`${initial}\``,
    cell(help),
    flag === undefined ? '' : `\`--${flag}\`, \`${variableOf(flag)}\``,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The Markdown page that lists every option. */
export function referencePage(): string {
  const sections = new Map<string, Option[]>();
  for (const option of OPTIONS) {
    const [first] = option.path;
    const name =
      option.path.length === 1 ? 'The bridge' : first.replace('[]', '');
    sections.set(name, [...(sections.get(name) ?? []), option]);
  }
  const tables = [...sections].map(
    ([section, options]) =>
      `## ${section}\n\n${HEAD}\n${options.map(row).join('\n')}\n`,
  );
  return [INTRODUCTION, ...tables].join('\n');
}
