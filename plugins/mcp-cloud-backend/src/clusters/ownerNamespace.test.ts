import fc from 'fast-check';
import { normaliseRef } from '../servers/normaliseRef';
import { ownerNamespace } from './ownerNamespace';

const part = fc.stringMatching(
  /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,60}[A-Za-z0-9])?$/,
);
const owner = fc
  .tuple(fc.constantFrom('group', 'user'), part, part)
  .map(([kind, namespace, name]) =>
    normaliseRef(`${kind}:${namespace}/${name}`, 'group', 'owner'),
  );
const prefix = fc.stringMatching(/^[a-z][-a-z0-9]{0,18}-$/);

describe('ownerNamespace', () => {
  it('is a name that Kubernetes takes, the same each time, and begins with the prefix', () => {
    fc.assert(
      fc.property(prefix, owner, (begin, ref) => {
        const name = ownerNamespace(begin, ref);
        expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
        expect(name.startsWith(begin)).toBe(true);
        expect(ownerNamespace(begin, ref)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it('is never that of two owners', () => {
    fc.assert(
      fc.property(
        prefix,
        fc.uniqueArray(owner, { minLength: 2, maxLength: 30 }),
        (begin, owners) => {
          const names = owners.map(ref => ownerNamespace(begin, ref));
          expect(new Set(names).size).toBe(owners.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    [['group:default/team-a', 'user:default/team-a', 'group:other/team-a']],
    [['group:default/a-b', 'group:default/a.b', 'group:default/a_b']],
    [['a', 'b', ''].map(end => `group:default/${'x'.repeat(62)}${end}`)],
  ])('keeps apart what looks alike: %j', owners => {
    const names = owners.map(ref => ownerNamespace('mcp-owner-', ref));
    expect(new Set(names).size).toBe(owners.length);
  });

  it('can be read', () => {
    expect(ownerNamespace('mcp-owner-', 'group:default/team-a')).toMatch(
      /^mcp-owner-team-a-[0-9a-f]{16}$/,
    );
    expect(ownerNamespace('mcp-owner-', 'group:default/日本')).toMatch(
      /^mcp-owner-[0-9a-f]{16}$/,
    );
  });
});
