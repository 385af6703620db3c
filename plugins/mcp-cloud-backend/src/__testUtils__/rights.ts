import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { KubeApi } from '../clusters/types';

const PAGE = path.resolve(__dirname, '../../../../docs/security.md');

interface Rule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
}

/** What `kubectl auth can-i --list` shows in a namespace, one right a line. For tests. */
export async function rightsIn(
  api: KubeApi,
  namespace: string,
): Promise<string[]> {
  const { status } = await api.json<{ status: { resourceRules: Rule[] } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    },
  });
  return sorted(
    status.resourceRules.flatMap(rule =>
      rule.apiGroups.flatMap(group =>
        rule.resources.flatMap(resource =>
          (rule.resourceNames ?? ['']).flatMap(name =>
            rule.verbs.map(verb => line(group, resource, name, verb)),
          ),
        ),
      ),
    ),
  );
}

/** The same as docs/security.md lists it below a heading. For tests. */
export function documentedRights(heading: string): string[] {
  const [, section] = readFileSync(PAGE, 'utf8').split(`#### ${heading}\n`);
  const rows = section.split(/\n#+ /)[0].matchAll(/^\| (.+) \|$/gm);
  const [, , ...cells] = [...rows].map(([, row]) =>
    row.split('|').map(cell => cell.trim()),
  );
  return sorted(
    cells.flatMap(([group, resources, verbs]) =>
      resources.split(', ').flatMap(text => {
        const [, resource, name = ''] = /^`([^`]+)`(?: `([^`]+)`)?$/.exec(
          text,
        )!;
        return verbs
          .split(', ')
          .map(verb =>
            line(
              group === 'core' ? '' : group.replaceAll('`', ''),
              resource,
              name,
              verb,
            ),
          );
      }),
    ),
  );
}

function line(group: string, resource: string, name: string, verb: string) {
  return `${group}/${resource}${name && ` ${name}`} ${verb}`;
}

function sorted(lines: string[]): string[] {
  return [...new Set(lines)].sort();
}
