import { basename } from 'node:path';

/** How many tests there were, as the tools that ran them count. */
export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** Of each failed test that the tool names: its name, and what it says of the cause. Told again at the end of a run. */
  failures?: string[];
  /** The same of tests that failed among all others and passed when repeated by themselves; `passed` counts them. */
  unsteady?: string[];
}

export const sum = (all: readonly Totals[]): Totals => {
  const count = (what: 'passed' | 'failed' | 'skipped') =>
    all.reduce((total, one) => total + one[what], 0);
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    failures: all.flatMap(one => one.failures ?? []),
    unsteady: all.flatMap(one => one.unsteady ?? []),
  };
};

/** The beginning of an error is what tells tests apart; a long diff stands where the test ran. */
const LINES = 12;

// eslint-disable-next-line no-control-regex -- Jest and Playwright colour what they write into their reports too
const COLOURS = /\u001b\[[0-9;]*m/g;

const failure = (name: string, text: string) =>
  [name, ...text.replace(COLOURS, '').trim().split('\n').slice(0, LINES)].join(
    '\n    ',
  );

export const inWords = ({ passed, failed, skipped }: Totals) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** What is used of Jest's `--json`. */
export interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
  testResults?: Array<{
    name: string;
    status: string;
    message: string;
    assertionResults: Array<{
      fullName: string;
      status: string;
      failureMessages: string[];
    }>;
  }>;
}

/** Files in which a test failed, or that did not load. */
export const failedFiles = ({ testResults = [] }: JestReport): string[] =>
  testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => name);

/** From Jest's `--json`. A file that does not even load holds tests that did not run: it counts as a failed one. */
export function fromJest(report: JestReport): Totals {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults?.flatMap(
      ({ name, message, assertionResults }) =>
        assertionResults.length === 0 && message
          ? [failure(basename(name), message)]
          : assertionResults
              .filter(({ status }) => status === 'failed')
              .map(({ fullName, failureMessages }) =>
                failure(
                  `${basename(name)}: ${fullName}`,
                  failureMessages.join('\n'),
                ),
              ),
    ),
  };
}

/** The totals of a run in which the files with failures were repeated: of these the second report counts. */
export function inPlaceOf(first: JestReport, again: JestReport): Totals {
  const firstTotals = fromJest(first);
  const repeated = new Set(failedFiles(first));
  const once = (first.testResults ?? [])
    .filter(({ name }) => repeated.has(name))
    .flatMap(({ assertionResults }) => assertionResults);
  const countOf = (...wanted: string[]) =>
    once.filter(({ status }) => wanted.includes(status)).length;
  const second = fromJest(again);
  const failures = second.failures ?? [];
  const stillFailing = new Set(failures.map(text => text.split('\n')[0]));
  return {
    passed: firstTotals.passed - countOf('passed') + second.passed,
    failed: second.failed,
    skipped:
      firstTotals.skipped -
      countOf('pending', 'skipped', 'todo') +
      second.skipped,
    failures,
    unsteady: firstTotals.failures?.filter(
      text => !stillFailing.has(text.split('\n')[0]),
    ),
  };
}

/** What is used of a suite in the report of Playwright's JSON reporter: suites hold suites. */
interface PlaywrightSuite {
  specs?: Array<{
    title: string;
    ok: boolean;
    tests: Array<{ results: Array<{ error?: { message?: string } }> }>;
  }>;
  suites?: PlaywrightSuite[];
}

/** Of the specs that failed, or, with `ok`, that passed only when repeated: what the first try said. */
const troubledSpecs = (
  { specs = [], suites = [] }: PlaywrightSuite,
  wanted: { ok: boolean },
): string[] => [
  ...specs
    .map(spec => ({
      ...spec,
      error: spec.tests.flatMap(test => test.results).find(one => one.error)
        ?.error,
    }))
    .filter(({ ok, error }) => ok === wanted.ok && (!ok || error))
    .map(({ title, error }) => failure(title, error?.message ?? '')),
  ...suites.flatMap(suite => troubledSpecs(suite, wanted)),
];

/** From Playwright's JSON reporter, which repeats a failed test by itself. */
export function fromPlaywright(report: {
  stats: {
    expected: number;
    unexpected: number;
    flaky: number;
    skipped: number;
  };
  suites?: PlaywrightSuite[];
  errors?: unknown[];
}): Totals {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return {
    passed: expected + flaky,
    failed: unexpected + (report.errors?.length ?? 0),
    skipped,
    failures: troubledSpecs(report, { ok: false }),
    unsteady: troubledSpecs(report, { ok: true }),
  };
}

/** From a closing line such as `67 passed, 0 failed` (the last one counts); `✗` is before a failure, `↻` before what passed when repeated. */
export function fromClosingLine(output: string): Totals {
  const last = [
    ...output.matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g),
  ].at(-1);
  if (!last) {
    throw new Error('The output has no closing line with totals.');
  }
  return {
    passed: Number(last[1]),
    failed: Number(last[2]),
    skipped: Number(last[3] ?? 0),
    failures: [...output.matchAll(/^ *✗ (.*)$/gm)].map(([, name]) => name),
    unsteady: [...output.matchAll(/^ *↻ (.*)$/gm)].map(([, name]) => name),
  };
}

/** From `go test -json`. A package that does not build, or whose run breaks off, counts as a failed test. */
export function fromGo(output: string): Totals {
  const events = output
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(
      line =>
        JSON.parse(line) as { Action: string; Test?: string; Output?: string },
    );
  const ended = (how: string) =>
    events.filter(({ Action, Test }) => Test && Action === how);
  const printed = (test?: string) =>
    events
      .filter(({ Test, Output }) => Test === test && Output)
      .map(({ Output }) => Output)
      .join('');
  const failed = ended('fail');
  const broken = events.some(({ Action, Test }) => !Test && Action === 'fail');
  const failures = failed.map(({ Test }) => failure(`${Test}`, printed(Test)));
  if (broken && failures.length === 0) {
    failures.push(failure('the package', printed()));
  }
  return {
    passed: ended('pass').length,
    failed: failures.length,
    skipped: ended('skip').length,
    failures,
  };
}

/** From the closing lines of Node's own test runner in its TAP form. */
export function fromTap(output: string): Totals {
  const count = (what: string) => {
    const found = new RegExp(`^# ${what} (\\d+)$`, 'm').exec(output);
    if (!found) {
      throw new Error(`The output has no line "# ${what}".`);
    }
    return Number(found[1]);
  };
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
  };
}
