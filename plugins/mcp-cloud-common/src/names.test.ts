import fc from 'fast-check';
import { objectName, SERVER_NAME_PATTERN, serverNameProblem } from './names';

const name = fc
  .stringMatching(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/)
  .filter(text => serverNameProblem(text) === undefined);

describe('serverNameProblem', () => {
  it.each(['a', 'tools', 'a-b-c', 'a1', 'a'.repeat(40)])('takes %s', text =>
    expect(serverNameProblem(text)).toBeUndefined(),
  );

  it.each([
    ['', /starts with a lower-case letter/],
    ['Tools', /lower-case/],
    ['1a', /starts with/],
    ['a-', /ends with/],
    ['a--b', /must not contain "--"/],
    ['a'.repeat(41), /at most 40 characters, this one has 41/],
    ['a\n', /lower-case/],
  ])('says what is wrong with %p', (text, problem) =>
    expect(serverNameProblem(text)).toMatch(problem),
  );
});

describe('objectName', () => {
  it('is a DNS label for every name that is taken', () => {
    fc.assert(
      fc.property(name, text =>
        /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(
          objectName(text, 'env-1234567890'),
        ),
      ),
    );
  });

  it('is never the same for two servers or parts', () => {
    const part = fc.option(fc.constantFrom('peers', 'env-1', 'a', 'b'), {
      nil: undefined,
    });
    fc.assert(
      fc.property(name, part, name, part, (a, partA, b, partB) => {
        const same = a === b && partA === partB;
        return (objectName(a, partA) === objectName(b, partB)) === same;
      }),
    );
  });

  it('begins with a pattern that JavaScript and JSON Schema read alike', () => {
    expect(SERVER_NAME_PATTERN.flags).toBe('');
  });
});
