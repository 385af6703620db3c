import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { people } from './people';

interface Entity {
  kind: string;
  metadata: { name: string };
  spec: { profile: { displayName: string; email: string }; memberOf: string[] };
}

describe('people', () => {
  const file = join(
    __dirname,
    '..',
    '..',
    '..',
    'examples',
    'catalog',
    'people.yaml',
  );
  const entities = parseAllDocuments(readFileSync(file, 'utf8')).map(
    one => one.toJSON() as Entity,
  );

  it('are the same for the sign-in and for the catalog', () => {
    const users = entities.filter(({ kind }) => kind === 'User');
    expect(
      users.map(({ metadata, spec }) => [
        metadata.name,
        spec.profile.displayName,
        spec.profile.email,
      ]),
    ).toEqual(people.map(({ id, name, email }) => [id, name, email]));
  });

  it('belong to groups that exist', () => {
    const groups = entities
      .filter(({ kind }) => kind === 'Group')
      .map(({ metadata }) => metadata.name);
    for (const { spec } of entities.filter(({ kind }) => kind === 'User')) {
      expect(groups).toEqual(expect.arrayContaining(spec.memberOf));
    }
  });
});
