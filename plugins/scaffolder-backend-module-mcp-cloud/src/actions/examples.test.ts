import { mockServices } from '@backstage/backend-test-utils';
import { McpCloudClient } from '@mcp-cloud/plugin-mcp-cloud-common';
import { validate } from 'jsonschema';
import { parse } from 'yaml';
import { createBuildImageAction } from './buildImage';
import { deployRequest } from './deployInput';
import { createDeployServerAction } from './deployServer';

const actions = [
  createBuildImageAction({
    imageBuilder: { build: jest.fn() },
    images: { builder: 'auto' },
  }),
  createDeployServerAction({
    auth: mockServices.auth(),
    client: new McpCloudClient({ discoveryApi: mockServices.discovery() }),
  }),
];

describe.each(actions.map(action => [action.id, action] as const))(
  'examples of %s',
  (id, action) => {
    const examples = action.examples ?? [];

    it('are there', () => expect(examples.length).toBeGreaterThan(1));

    it.each(examples.map(({ description, example }) => [description, example]))(
      '%s',
      (_, example) => {
        const { steps } = parse(example) as {
          steps: Array<{ action: string; input: object }>;
        };
        for (const step of steps) {
          expect(step.action).toBe(id);
          const input = filledIn(step.input);
          expect(
            validate(input, action.schema?.input ?? {}).errors.map(String),
          ).toEqual([]);
        }
      },
    );
  },
);

/** The input as the scaffolder hands it over, with the outputs of earlier steps in it. */
function filledIn(input: object): object {
  return JSON.parse(
    JSON.stringify(input).replaceAll(
      '${{ steps.build.output.image }}',
      'r.example.com/my-tools:1',
    ),
  );
}

describe('schemas', () => {
  it('tell forms and people what each input is for', () => {
    for (const action of actions) {
      const { properties } = action.schema?.input as {
        properties: Record<string, { description?: string }>;
      };
      expect(
        Object.entries(properties).filter(
          ([, property]) => !property.description,
        ),
      ).toEqual([]);
    }
  });

  it('make requests that the backend takes', () => {
    const example = parse(actions[1].examples?.[1].example ?? '') as {
      steps: [{ input: { spec: { image: string } } }];
    };
    const [{ input }] = example.steps;
    expect(deployRequest(input as never, 'dev')).toMatchObject({
      replicas: 2,
      spec: { cluster: 'dev', secrets: ['API_KEY'] },
    });
  });
});
