import assert from 'node:assert/strict';
import type { Person } from '../world/Person.ts';
import { nameOf, owners, type Page } from './populate.ts';

const LIMIT = 50;

/** Reads a whole list, page by page. Each page but the last is full, and counts as many as there are. */
async function walk(person: Person, query: string): Promise<Page['items']> {
  const items: Page['items'] = [];
  let cursor: string | undefined;
  do {
    const page: Page = await person.ask(
      'GET',
      `/servers?limit=${LIMIT}${query}${cursor ? `&cursor=${cursor}` : ''}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
    assert.ok(!cursor || page.items.length === LIMIT, 'a page that is full');
    assert.ok(cursor || items.length === page.total, `total ${page.total}`);
  } while (cursor);
  return items;
}

/** The lists of two owners hold what is theirs, once, in order, in either direction. Returns how many pages were read. */
export async function assertExactLists(
  people: readonly Person[],
  servers: number,
): Promise<number> {
  let pages = 0;
  for (const [who, { owner }] of owners.entries()) {
    const expected = Array.from({ length: servers }, (_, index) => index)
      .filter(index => index % owners.length === who)
      .map(nameOf);
    for (const sort of ['name', '-name', 'createdAt', '-updatedAt', 'state']) {
      const items = await walk(
        people[who],
        `&sort=${sort}&owner=${encodeURIComponent(owner)}`,
      );
      pages += Math.ceil(items.length / LIMIT);
      const names = items.map(({ name }) => name);
      assert.ok(items.every(item => item.owner === owner));
      assert.deepEqual([...names].sort(), expected, `${owner} by ${sort}`);
      if (sort.endsWith('name')) {
        const down = sort.startsWith('-');
        assert.deepEqual(names, down ? [...expected].reverse() : expected);
      }
    }
  }
  return pages;
}
