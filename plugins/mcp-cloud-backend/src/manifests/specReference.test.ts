import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CHANGES,
  effectOf,
  fieldsOfSpec,
  FIXED,
  specReferencePage,
} from '../__testUtils__/specReference';
import { specJsonSchema } from '../router/specJsonSchema';

const reference = (name: string) =>
  path.resolve(__dirname, '../../../../docs/reference', name);
const PAGE = reference('spec-fields.md');
const SCHEMA = reference('spec.schema.json');

describe('the reference of the Spec', () => {
  // `yarn reference` writes the files anew; what they hold is then for a person to look at.
  if (process.env.UPDATE_REFERENCE) {
    writeFileSync(PAGE, specReferencePage());
    writeFileSync(SCHEMA, `${JSON.stringify(specJsonSchema(), null, 2)}\n`);
  }

  it('knows a change of every field, and of no other', () => {
    const paths = fieldsOfSpec().map(field => field.path);
    expect(paths).toEqual(expect.arrayContaining(FIXED));
    expect(Object.keys(CHANGES).sort()).toEqual(
      paths.filter(field => !FIXED.includes(field)).sort(),
    );
  });

  it('says of every field what it means', () => {
    const silent = fieldsOfSpec().filter(({ description }) => !description);
    expect(silent).toEqual([]);
  });

  it('is what is rendered and read', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(specReferencePage());
    expect(JSON.parse(readFileSync(SCHEMA, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(specJsonSchema())),
    );
  });

  it('tells apart what rolls pods, what is reloaded, and what is neither', () => {
    const effects = Object.fromEntries(
      ['image', 'limits.rate', 'scaling.max', 'owner', 'name'].map(field => [
        field,
        effectOf(field).effect,
      ]),
    );
    expect(effects).toEqual({
      image: 'pods',
      'limits.rate': 'reload',
      'scaling.max': 'objects',
      owner: 'none',
      name: 'cannot change',
    });
  });
});
