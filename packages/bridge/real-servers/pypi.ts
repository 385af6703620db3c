import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gitEnvironment, prepareRepository } from './git.ts';
import { scratch } from './scratch.ts';
import type { Server } from './server.ts';

const path = (name: string) => join(scratch, name);

/** For servers that ask for any release of the Python SDK, and do not start with its second one. */
const oldSdk = { mcp: '1.30.0' };

const watchTimes = {
  at: '/content/0/text',
  part: /\d{4}-\d\d-\d\dT[\d:.]+/g,
  why: 'when a watch was made',
};

const servers: readonly Omit<Server, 'registry'>[] = [
  {
    package: 'mcp-server-time',
    version: '2026.10.19',
    bin: 'mcp-server-time',
    args: ['--local-timezone', 'UTC'],
    calls: [
      {
        tool: 'get_current_time',
        arguments: { timezone: 'Asia/Tokyo' },
        varies: ['/content/0/text', '/structuredContent/datetime'].map(at => ({
          at,
          part: /\d\d:\d\d:\d\d/,
          why: 'the time of day',
        })),
      },
      {
        tool: 'convert_time',
        arguments: {
          source_timezone: 'Asia/Tokyo',
          time: '12:30',
          target_timezone: 'UTC',
        },
      },
      {
        tool: 'get_current_time',
        arguments: { timezone: 'Mars/Olympus' },
        fails: true,
      },
    ],
  },
  {
    package: 'mcp-server-git',
    version: '2026.10.19',
    bin: 'mcp-server-git',
    args: ['--repository', scratch],
    env: gitEnvironment,
    prepare: prepareRepository,
    calls: [
      { tool: 'git_diff_unstaged', arguments: { repo_path: scratch } },
      {
        tool: 'git_add',
        arguments: { repo_path: scratch, files: ['poem.txt'] },
      },
      {
        tool: 'git_commit',
        arguments: { repo_path: scratch, message: 'A second line' },
      },
      { tool: 'git_log', arguments: { repo_path: scratch } },
      {
        tool: 'git_show',
        arguments: { repo_path: scratch, revision: 'no-such-revision' },
        fails: true,
      },
    ],
  },
  {
    package: 'mcp-server-sqlite',
    version: '2025.4.25',
    with: oldSdk,
    bin: 'mcp-server-sqlite',
    args: ['--db-path', path('test.db')],
    calls: [
      {
        tool: 'create_table',
        arguments: { query: 'CREATE TABLE fruit (name TEXT, n INTEGER)' },
      },
      {
        tool: 'write_query',
        arguments: {
          query: "INSERT INTO fruit VALUES ('apple', 3), ('Äpfel', 4)",
        },
      },
      {
        tool: 'read_query',
        arguments: { query: 'SELECT * FROM fruit ORDER BY n DESC' },
      },
      {
        tool: 'append_insight',
        arguments: { insight: 'More apples than fruit.' },
      },
    ],
  },
  {
    package: 'mcp-server-calculator',
    version: '0.2.1',
    bin: 'mcp-server-calculator',
    calls: [
      { tool: 'calculate', arguments: { expression: '2 ** 64 + sqrt(2)' } },
      { tool: 'calculate', arguments: { expression: '1 / 0' }, fails: true },
    ],
  },
  {
    package: 'excel-mcp-server',
    version: '2.2.2',
    bin: 'excel-mcp-server',
    args: ['stdio'],
    calls: [
      {
        tool: 'create_workbook',
        arguments: { path: path('book.xlsx'), sheets: ['Sums'] },
      },
      {
        tool: 'write_range',
        arguments: {
          path: path('book.xlsx'),
          sheet: 'Sums',
          at: 'A1',
          rows: [
            ['apples', 3],
            ['twice', '=B1*2'],
          ],
        },
      },
      {
        tool: 'read_range',
        arguments: { path: path('book.xlsx'), sheet: 'Sums' },
      },
    ],
  },
  {
    package: 'office-word-mcp-server',
    version: '1.1.11',
    bin: 'word_mcp_server',
    calls: [
      {
        tool: 'create_document',
        arguments: { filename: path('letter.docx'), title: 'A letter' },
      },
      {
        tool: 'add_heading',
        arguments: {
          filename: path('letter.docx'),
          text: 'Dear all',
          level: 1,
        },
      },
      {
        tool: 'add_paragraph',
        arguments: { filename: path('letter.docx'), text: 'It works.' },
      },
      {
        tool: 'get_document_text',
        arguments: { filename: path('letter.docx') },
      },
    ],
  },
  {
    package: 'office-powerpoint-mcp-server',
    version: '2.0.7',
    with: oldSdk,
    bin: 'ppt_mcp_server',
    calls: [
      { tool: 'create_presentation', arguments: { id: 'talk' } },
      {
        tool: 'add_slide',
        arguments: { presentation_id: 'talk', layout_index: 1, title: 'Hello' },
      },
      {
        tool: 'add_bullet_points',
        arguments: {
          presentation_id: 'talk',
          slide_index: 0,
          placeholder_idx: 1,
          bullet_points: ['one', 'two'],
        },
      },
      {
        tool: 'save_presentation',
        arguments: { presentation_id: 'talk', file_path: path('talk.pptx') },
      },
      {
        tool: 'extract_presentation_text',
        arguments: { presentation_id: 'talk' },
      },
    ],
  },
  {
    package: 'mcp-text-editor',
    version: '1.0.2',
    with: oldSdk,
    bin: 'mcp-text-editor',
    calls: [
      {
        tool: 'edit_text_file_contents',
        arguments: {
          files: [
            {
              path: path('poem.txt'),
              file_hash: '', // a new file
              patches: [{ contents: 'roses\nviolets\n' }],
            },
          ],
        },
      },
      {
        tool: 'get_text_file_contents',
        arguments: {
          files: [{ file_path: path('poem.txt'), ranges: [{ start: 2 }] }],
        },
      },
    ],
  },
  {
    package: 'mcp-alchemy',
    version: '2026.10.15.202659',
    bin: 'mcp-alchemy',
    env: { DB_URL: `sqlite:///${path('test.db')}` },
    calls: [
      {
        tool: 'execute_query',
        arguments: { query: 'CREATE TABLE fruit (name TEXT, n INTEGER)' },
      },
      {
        tool: 'execute_query',
        arguments: {
          query: 'INSERT INTO fruit VALUES (:name, :n)',
          params: { name: 'apple', n: 3 },
        },
      },
      { tool: 'execute_query', arguments: { query: 'SELECT * FROM fruit' } },
      { tool: 'schema_definitions', arguments: { table_names: ['fruit'] } },
    ],
  },
  {
    package: 'mcp-shell-server',
    version: '1.1.14',
    bin: 'mcp-shell-server',
    env: { ALLOW_COMMANDS: 'cat,sort' },
    calls: [
      {
        tool: 'shell_execute',
        arguments: { command: ['sort'], stdin: 'b\na\n', directory: scratch },
      },
      {
        tool: 'shell_execute',
        arguments: { command: ['rm', 'x'], directory: scratch },
        fails: true,
      },
    ],
  },
  {
    package: 'cli-mcp-server',
    version: '0.2.5',
    with: oldSdk,
    bin: 'cli-mcp-server',
    env: { ALLOWED_DIR: scratch, ALLOWED_COMMANDS: 'cat,ls' },
    prepare: () => writeFileSync(path('poem.txt'), 'roses\nviolets\n'),
    calls: [
      { tool: 'run_command', arguments: { command: 'cat poem.txt' } },
      { tool: 'show_security_rules' },
    ],
  },
  {
    package: 'mcp-server-tree-sitter',
    version: '0.7.0',
    with: oldSdk,
    bin: 'mcp-server-tree-sitter',
    prepare: () =>
      writeFileSync(path('sum.py'), 'def add(a, b):\n    return a + b\n'),
    calls: [
      {
        tool: 'register_project_tool',
        arguments: { path: scratch, name: 'sums' },
        varies: [
          {
            at: '/content/0/text',
            part: /(?<="last_scan_time": )\d+/,
            why: 'the time of a scan',
          },
          {
            at: '/structuredContent/result/last_scan_time',
            why: 'the time of a scan',
          },
        ],
      },
      { tool: 'list_files', arguments: { project: 'sums' } },
      { tool: 'get_file', arguments: { project: 'sums', path: 'sum.py' } },
      { tool: 'list_query_templates_tool', arguments: { language: 'python' } },
    ],
  },
  {
    package: 'mcp-server-motherduck',
    version: '1.1.0',
    bin: 'mcp-server-motherduck',
    args: ['--db-path', ':memory:', '--read-write'],
    calls: [
      {
        tool: 'execute_query',
        arguments: { sql: 'CREATE TABLE t AS SELECT range AS n FROM range(5)' },
      },
      { tool: 'execute_query', arguments: { sql: 'SELECT sum(n) FROM t' } },
      { tool: 'list_columns', arguments: { table: 't' } },
    ],
  },
  {
    package: 'arxiv-mcp-server',
    version: '0.8.2',
    bin: 'arxiv-mcp-server',
    args: ['--storage-path', path('papers')],
    calls: [
      { tool: 'list_papers' },
      {
        tool: 'watch_topic',
        arguments: { topic: 'attention' },
        varies: [watchTimes],
      },
      { tool: 'list_watches', varies: [watchTimes] },
    ],
  },
  {
    package: 'mcp-server-fetch',
    version: '2026.10.24',
    bin: 'mcp-server-fetch',
    calls: [],
  },
  {
    package: 'duckduckgo-mcp-server',
    version: '0.7.0',
    bin: 'duckduckgo-mcp-server',
    calls: [],
  },
  {
    package: 'awslabs.aws-documentation-mcp-server',
    version: '1.2.3',
    bin: 'awslabs.aws-documentation-mcp-server',
    calls: [],
  },
];

export const pypiServers = servers.map(
  (server): Server => ({ registry: 'pypi', ...server }),
);
