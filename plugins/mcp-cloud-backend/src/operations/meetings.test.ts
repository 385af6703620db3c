import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { meetings } from './meetings';

const PAGE = resolve(__dirname, '../../../../docs/architecture.md');

it('docs/architecture.md has the table of meetings as it is', () => {
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  const head = lines.findIndex(line => /^\| under way +\|/.test(line));
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim());
  const [, ...asked] = cells(lines[head]);
  const rows = lines.slice(head + 2, head + 2 + asked.length).map(cells);
  expect(
    Object.fromEntries(
      rows.map(([open, ...row]) => [
        open,
        Object.fromEntries(row.map((cell, index) => [asked[index], cell])),
      ]),
    ),
  ).toEqual(meetings);
});
