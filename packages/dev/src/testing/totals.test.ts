import {
  fromClosingLine,
  fromGo,
  fromJest,
  fromPlaywright,
  fromTap,
  inPlaceOf,
  inWords,
  type JestReport,
  sum,
} from './totals';

describe('totals', () => {
  it('count a file that does not load as a failure', () => {
    const report = {
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      numRuntimeErrorTestSuites: 3,
      testResults: [
        {
          name: '/repo/packages/a.test.ts',
          status: 'failed',
          message: 'the whole text',
          assertionResults: [
            { fullName: 'a does', status: 'passed', failureMessages: [] },
            {
              fullName: 'a does not',
              status: 'failed',
              failureMessages: ['\u001b[31mExpected: 1\u001b[39m'],
            },
          ],
        },
        {
          name: '/repo/packages/b.test.ts',
          status: 'failed',
          message: 'Cannot find module',
          assertionResults: [],
        },
      ],
    };
    expect(fromJest(report)).toEqual({
      passed: 5,
      failed: 4,
      skipped: 3,
      failures: [
        'a.test.ts: a does not\n    Expected: 1',
        'b.test.ts\n    Cannot find module',
      ],
    });
  });

  it('take the second run of the files in which something failed', () => {
    const result = (fullName: string, status: string) => ({
      fullName,
      status,
      failureMessages: status === 'failed' ? ['no'] : [],
    });
    const report = (
      counts: { passed: number; failed: number; broken?: number },
      files: Record<string, string[]>,
    ): JestReport => ({
      numPassedTests: counts.passed,
      numFailedTests: counts.failed,
      numPendingTests: 0,
      numTodoTests: 0,
      numRuntimeErrorTestSuites: counts.broken ?? 0,
      testResults: Object.entries(files).map(([name, statuses]) => ({
        name,
        status:
          statuses.length === 0 || statuses.includes('failed')
            ? 'failed'
            : 'passed',
        message: 'text',
        assertionResults: statuses.map((status, at) =>
          result(`does ${at}`, status),
        ),
      })),
    });
    const first = report(
      { passed: 12, failed: 2, broken: 1 },
      {
        'a.test.ts': ['passed', 'failed', 'failed'],
        'b.test.ts': Array(11).fill('passed'),
        'c.test.ts': [],
      },
    );
    const again = report(
      { passed: 4, failed: 1 },
      {
        'a.test.ts': ['passed', 'failed', 'passed'],
        'c.test.ts': ['passed', 'passed'],
      },
    );
    expect(inPlaceOf(first, again)).toEqual({
      passed: 15,
      failed: 1,
      skipped: 0,
      failures: ['a.test.ts: does 1\n    no'],
      unsteady: ['a.test.ts: does 2\n    no', 'c.test.ts\n    text'],
    });
  });

  it('name a test of the browser that passed when repeated, and count an error outside of tests', () => {
    const stats = { expected: 7, unexpected: 1, flaky: 1, skipped: 2 };
    expect(fromPlaywright({ stats, errors: [{}] }).failed).toBe(2);
    const spec = (title: string, ok: boolean, ...tries: boolean[]) => ({
      title,
      ok,
      tests: [
        {
          results: tries.map(went => ({
            error: went ? undefined : { message: 'no' },
          })),
        },
      ],
    });
    const suites = [
      {
        suites: [
          {
            specs: [
              spec('is deployed', true, true),
              spec('lives', false, false, false),
              spec('scales', true, false, true),
            ],
          },
        ],
      },
    ];
    expect(fromPlaywright({ stats, suites })).toEqual({
      passed: 8,
      failed: 1,
      skipped: 2,
      failures: ['lives\n    no'],
      unsteady: ['scales\n    no'],
    });
  });

  it('take the last closing line', () => {
    expect(
      fromClosingLine(
        'a: 30 passed, 0 failed\n  ✗ b: 2 of 3\n  ↻ c: 1\n67 passed, 1 failed, 2 skipped\n',
      ),
    ).toEqual({
      passed: 67,
      failed: 1,
      skipped: 2,
      failures: ['b: 2 of 3'],
      unsteady: ['c: 1'],
    });
    expect(() => fromClosingLine('all is well')).toThrow('no closing line');
  });

  it('read TAP', () => {
    const tap =
      '# tests 6\n# suites 0\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n';
    expect(fromTap(tap)).toEqual({ passed: 3, failed: 2, skipped: 1 });
    expect(() => fromTap('')).toThrow('# pass');
  });

  it('read what Go says, a package that does not build among it', () => {
    const events = (...all: object[]) =>
      all.map(event => JSON.stringify(event)).join('\n');
    const test = (Action: string) => ({ Action, Test: 'TestX' });
    expect(
      fromGo(
        events(
          { Action: 'start' },
          test('run'),
          test('pass'),
          { Action: 'output', Test: 'TestX', Output: 'x_test.go:1: no\n' },
          test('fail'),
          test('skip'),
          { Action: 'fail' },
        ),
      ),
    ).toEqual({
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: ['TestX\n    x_test.go:1: no'],
    });
    expect(fromGo(events({ Action: 'fail' })).failed).toBe(1);
  });

  it('add up, and read as one line', () => {
    const one = { passed: 1, failed: 2, skipped: 3 };
    expect(inWords(sum([one, one]))).toBe('2 passed, 4 failed, 6 skipped');
    expect(inWords(sum([]))).toBe('0 passed, 0 failed, 0 skipped');
  });
});
