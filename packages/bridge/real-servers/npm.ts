import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gitEnvironment, prepareRepository } from './git.ts';
import { scratch } from './scratch.ts';
import type { Server } from './server.ts';

const path = (name: string) => join(scratch, name);
const servers: readonly Omit<Server, 'registry'>[] = [
  {
    package: '@modelcontextprotocol/server-everything',
    version: '2026.8.31',
    bin: 'mcp-server-everything',
    calls: [
      { tool: 'echo', arguments: { message: 'Grüße, 世界 🌍' } },
      { tool: 'get-sum', arguments: { a: 2 ** 40, b: 0.5 } },
      { tool: 'get-sum', arguments: { a: 'two', b: 3 }, fails: true },
      {
        tool: 'get-annotated-message',
        arguments: { messageType: 'error', includeImage: true },
      },
      { tool: 'get-structured-content', arguments: { location: 'Chicago' } },
      { tool: 'get-resource-links', arguments: { count: 4 } },
      { tool: 'get-tiny-image' },
      {
        tool: 'trigger-long-running-operation',
        arguments: { duration: 1, steps: 4 },
      },
      {
        tool: 'trigger-sampling-request',
        arguments: { prompt: 'a word', maxTokens: 5 },
      },
      { tool: 'trigger-elicitation-request' },
      { tool: 'get-roots-list' },
      { tool: 'no-such-tool', fails: true },
    ],
  },
  {
    package: '@modelcontextprotocol/server-filesystem',
    version: '2026.8.31',
    bin: 'mcp-server-filesystem',
    args: [scratch],
    calls: [
      { tool: 'create_directory', arguments: { path: path('notes') } },
      {
        tool: 'write_file',
        arguments: { path: path('notes/a.txt'), content: 'one\ntwo\nthree\n' },
      },
      {
        tool: 'edit_file',
        arguments: {
          path: path('notes/a.txt'),
          edits: [{ oldText: 'two', newText: 'zwei' }],
        },
      },
      { tool: 'read_text_file', arguments: { path: path('notes/a.txt') } },
      { tool: 'directory_tree', arguments: { path: scratch } },
      {
        tool: 'read_text_file',
        arguments: { path: '/etc/hosts' },
        fails: true,
      },
    ],
  },
  {
    package: '@modelcontextprotocol/server-memory',
    version: '2026.8.31',
    bin: 'mcp-server-memory',
    env: { MEMORY_FILE_PATH: path('memory.jsonl') },
    calls: [
      {
        tool: 'create_entities',
        arguments: {
          entities: [
            { name: 'Ada', entityType: 'person', observations: ['writes'] },
            { name: 'Engine', entityType: 'machine', observations: [] },
          ],
        },
      },
      {
        tool: 'create_relations',
        arguments: {
          relations: [{ from: 'Ada', to: 'Engine', relationType: 'programs' }],
        },
      },
      {
        tool: 'add_observations',
        arguments: {
          observations: [{ entityName: 'Engine', contents: ['turns'] }],
        },
      },
      { tool: 'search_nodes', arguments: { query: 'turns' } },
      { tool: 'read_graph' },
    ],
  },
  {
    package: '@modelcontextprotocol/server-sequential-thinking',
    version: '2026.8.31',
    bin: 'mcp-server-sequential-thinking',
    calls: [
      {
        tool: 'sequentialthinking',
        arguments: {
          thought: 'Look first.',
          nextThoughtNeeded: true,
          thoughtNumber: 1,
          totalThoughts: 2,
        },
      },
      {
        tool: 'sequentialthinking',
        arguments: {
          thought: 'Then leap.',
          nextThoughtNeeded: false,
          thoughtNumber: 2,
          totalThoughts: 2,
        },
      },
    ],
  },
  {
    package: '@negokaz/excel-mcp-server',
    version: '0.12.0',
    bin: 'excel-mcp-server',
    // It writes into workbooks that are there.
    prepare: () =>
      copyFileSync(join(import.meta.dirname, 'empty.xlsx'), path('book.xlsx')),
    calls: [
      {
        tool: 'excel_write_to_sheet',
        arguments: {
          fileAbsolutePath: path('book.xlsx'),
          sheetName: 'Sums',
          newSheet: true,
          range: 'A1:B2',
          values: [
            ['apples', 3],
            ['twice', '=B1*2'],
          ],
        },
      },
      {
        tool: 'excel_read_sheet',
        arguments: {
          fileAbsolutePath: path('book.xlsx'),
          sheetName: 'Sums',
          showFormula: true,
        },
      },
      {
        tool: 'excel_describe_sheets',
        arguments: { fileAbsolutePath: path('book.xlsx') },
      },
    ],
  },
  {
    package: '@cyanheads/git-mcp-server',
    version: '2.15.3',
    bin: 'git-mcp-server',
    env: { ...gitEnvironment, MCP_TRANSPORT_TYPE: 'stdio' },
    prepare: prepareRepository,
    calls: [
      { tool: 'git_set_working_dir', arguments: { path: scratch } },
      { tool: 'git_add', arguments: { paths: ['poem.txt'] } },
      { tool: 'git_commit', arguments: { message: 'A second line' } },
      { tool: 'git_log', arguments: { maxCount: 5 } },
      { tool: 'git_branch', arguments: { mode: 'create', branchName: 'next' } },
      { tool: 'git_status' },
    ],
  },
  {
    package: 'repomix',
    version: '1.18.1',
    bin: 'repomix',
    args: ['--mcp'],
    prepare: prepareRepository,
    calls: [
      {
        tool: 'pack_codebase',
        arguments: { directory: scratch },
        varies: [
          '/content/0/text',
          '/structuredContent/description',
          '/structuredContent/result',
          '/structuredContent/outputId',
          '/structuredContent/outputFilePath',
        ].map(at => ({
          at,
          part: /mcp-outputs\/\w{6}|\b[0-9a-f]{16}\b/g,
          why: 'a random id and folder for each output',
        })),
      },
    ],
  },
  {
    package: '@eslint/mcp',
    version: '0.3.13',
    bin: 'mcp',
    prepare() {
      writeFileSync(path('package.json'), '{"type":"module"}');
      writeFileSync(
        path('eslint.config.js'),
        'export default [{ rules: { "no-var": "error", eqeqeq: "warn" } }];\n',
      );
      writeFileSync(path('old.js'), 'var a = 1;\nif (a == 2) a++;\n');
    },
    calls: [{ tool: 'lint-files', arguments: { filePaths: [path('old.js')] } }],
  },
  {
    package: 'mcp-server-code-runner',
    version: '0.1.8',
    bin: 'mcp-server-code-runner',
    calls: [
      {
        tool: 'run-code',
        arguments: {
          languageId: 'javascript',
          code: 'console.log([3, 1, 2].sort().join())',
        },
      },
    ],
  },
  {
    package: '@bytebase/dbhub',
    version: '1.4.0',
    bin: 'dbhub',
    args: ['--transport', 'stdio', '--demo'],
    calls: [
      {
        tool: 'execute_sql',
        arguments: { sql: 'SELECT count(*) AS n, max(amount) FROM salary' },
      },
      {
        tool: 'search_objects',
        arguments: {
          object_type: 'column',
          schema: 'main',
          table: 'department',
        },
      },
      {
        tool: 'execute_sql',
        arguments: { sql: 'SELECT nonsense' },
        fails: true,
      },
    ],
  },
  {
    package: '@notionhq/notion-mcp-server',
    version: '2.5.2',
    bin: 'notion-mcp-server',
    calls: [],
  },
  {
    package: '@modelcontextprotocol/server-github',
    version: '2025.4.8',
    bin: 'mcp-server-github',
    calls: [],
  },
  {
    package: '@upstash/context7-mcp',
    version: '4.1.1',
    bin: 'context7-mcp',
    calls: [],
  },
  {
    package: '@playwright/mcp',
    version: '0.0.83',
    bin: 'playwright-mcp',
    calls: [],
  },
  {
    package: 'chrome-devtools-mcp',
    version: '1.11.0',
    bin: 'chrome-devtools-mcp',
    calls: [],
  },
];

export const npmServers = servers.map(
  (server): Server => ({ registry: 'npm', ...server }),
);
