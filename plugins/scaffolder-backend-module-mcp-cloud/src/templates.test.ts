import { mockServices } from '@backstage/backend-test-utils';
import { templateEntityV1beta3Validator } from '@backstage/plugin-scaffolder-common';
import {
  McpCloudClient,
  serverNameProblem,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { createBuildImageAction } from './actions/buildImage';
import { createDeployServerAction } from './actions/deployServer';

const TEMPLATES = path.resolve(__dirname, '../../../examples/templates');
const folders = readdirSync(TEMPLATES).filter(name =>
  statSync(path.join(TEMPLATES, name)).isDirectory(),
);
const client = new McpCloudClient({ discoveryApi: mockServices.discovery() });
const actions = [
  createBuildImageAction({
    imageBuilder: { build: jest.fn() },
    images: { builder: 'auto' },
  }),
  createDeployServerAction({ auth: mockServices.auth(), client }),
];

interface Template {
  spec: {
    parameters: Array<{
      properties: Record<string, { pattern?: string; maxLength?: number }>;
    }>;
    steps: Array<{
      id: string;
      action: string;
      input: Record<string, unknown>;
    }>;
  };
}

describe.each(folders)('template %s', folder => {
  const read = (file: string) =>
    readFileSync(path.join(TEMPLATES, folder, file), 'utf8');
  const template = parse(read('template.yaml')) as Template;
  const fields = Object.assign(
    {},
    ...template.spec.parameters.map(({ properties }) => properties),
  );

  it('is listed and valid', async () => {
    expect(
      parse(readFileSync(path.join(TEMPLATES, 'all.yaml'), 'utf8')).spec
        .targets,
    ).toContain(`./${folder}/template.yaml`);
    await expect(
      templateEntityV1beta3Validator.check(template as never),
    ).resolves.toBe(true);
  });

  it('gives our actions inputs that they know', () => {
    const ours = template.spec.steps.filter(({ action }) =>
      action.startsWith('mcp-cloud:'),
    );
    expect(ours.map(({ action }) => action)).toEqual(
      actions.map(({ id }) => id),
    );
    for (const step of ours) {
      const schema = actions.find(({ id }) => id === step.action)?.schema
        ?.input as { properties: Record<string, { properties?: object }> };
      expect(Object.keys(schema.properties)).toEqual(
        expect.arrayContaining(Object.keys(step.input)),
      );
      const spec = (step.input.spec ?? {}) as object;
      expect(Object.keys(schema.properties.spec?.properties ?? {})).toEqual(
        expect.arrayContaining(Object.keys(spec)),
      );
    }
  });

  it('asks for everything that it uses', () => {
    const used = [
      ...read('template.yaml').matchAll(/(?<!')\$\{\{ parameters\.(\w+)/g),
    ].map(match => match[1]);
    expect(Object.keys(fields)).toEqual(
      expect.arrayContaining([...new Set(used)]),
    );
  });

  it('lets only names through that the platform takes, with every environment behind them', () => {
    const { pattern, maxLength } = fields.name;
    const accepts = (name: string) =>
      name.length <= maxLength && new RegExp(pattern).test(name);
    for (const name of ['a', 'my-tools', 'a1', `a${'b'.repeat(27)}`]) {
      expect(accepts(name)).toBe(true);
      expect(serverNameProblem(`${name}-production`)).toBeUndefined();
    }
    for (const name of ['', 'A', 'a--b', 'a-', '1a', 'a_b', 'a'.repeat(29)]) {
      expect(accepts(name)).toBe(false);
    }
  });

  it('pins the versions of what its servers depend on', () => {
    // The template's own expressions are no JSON.
    const manifest = JSON.parse(
      read('skeleton/package.json').replaceAll(
        /\$\{\{[^}]* \| dump \}\}/g,
        '""',
      ),
    );
    for (const version of Object.values({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
    const lock = JSON.parse(read('skeleton/package-lock.json'));
    expect(lock.packages[''].dependencies).toEqual(manifest.dependencies);
    expect(lock.packages[''].devDependencies).toEqual(manifest.devDependencies);
  });
});
