import {
  createServerRequestSchema,
  type ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { TranslateFunction } from '../useText';
import { type DeployForm, requestOfForm, type VariableRow } from './deployForm';
import { splitWords } from './shellWords';

/**
 * Problems by field. Fields are named as in the form; a row's are `env.<row id>.name`, `secrets.<row id>.value` and so
 * on.
 */
export type Problems = Record<string, string>;

const FIRST_STEP = [
  'name',
  'application',
  'environment',
  'image',
  'bridge',
  'owner',
  'system',
  'cluster',
];

/** The step of the form that a field stands in. */
export function stepOf(field: string): number {
  return FIRST_STEP.includes(field) ? 0 : 1;
}

/** All that is wrong with the form: what the Spec's schema says, and what a form alone can get wrong. */
export function checkForm(
  form: DeployForm,
  base: ServerSpec | undefined,
  t: TranslateFunction,
): Problems {
  const problems: Problems = {};
  const report = (field: string, message: string) => {
    // The first one is the one to mend first.
    problems[field] ??= message;
  };
  for (const field of ['command', 'args'] as const) {
    if (!splitWords(form[field])) {
      report(field, t('deploy.openQuote'));
    }
  }
  for (const list of ['env', 'secrets'] as const) {
    checkRows(list, form[list], report, t);
  }
  const checked = createServerRequestSchema.safeParse(
    requestOfForm(form, base),
  );
  for (const issue of checked.error?.issues ?? []) {
    report(fieldOf(issue.path, form), issue.message);
  }
  return problems;
}

function checkRows(
  list: 'env' | 'secrets',
  rows: VariableRow[],
  report: (field: string, message: string) => void,
  t: TranslateFunction,
) {
  const seen = new Set<string>();
  for (const row of rows) {
    if (!row.name && row.value) {
      report(`${list}.${row.id}.name`, t('deploy.nameMissing'));
    }
    if (row.name && seen.has(row.name)) {
      report(
        `${list}.${row.id}.name`,
        t('deploy.duplicate', { name: row.name }),
      );
    }
    if (list === 'secrets' && row.name && !row.value && !row.isKept) {
      report(`${list}.${row.id}.value`, t('deploy.secretMissing'));
    }
    seen.add(row.name);
  }
}

/** Where the form shows what the schema calls by this path. */
function fieldOf(path: Array<string | number>, form: DeployForm): string {
  const [top, ...rest] = path.map(String);
  if (top !== 'spec') {
    const row =
      top === 'secretValues' &&
      form.secrets.find(({ name }) => name === rest[0]);
    return row ? `secrets.${row.id}.value` : top;
  }
  const [field, first, second] = rest;
  if (field === 'resources') {
    return `${first === 'limits' ? 'limit' : 'request'}${
      second === 'cpu' ? 'Cpu' : 'Memory'
    }`;
  }
  if (field === 'env' && first !== undefined) {
    const row = form.env.find(({ name }) => name === first);
    return row ? `env.${row.id}.name` : field;
  }
  if (field === 'secrets' && first !== undefined) {
    const row = form.secrets.filter(({ name }) => name)[Number(first)];
    return row ? `secrets.${row.id}.name` : field;
  }
  return field;
}
