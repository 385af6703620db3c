import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import {
  scaffolderActionsExtensionPoint,
  type TemplateAction,
} from '@backstage/plugin-scaffolder-node';
import scaffolderModule from '.';

describe('scaffolder module', () => {
  it('adds its actions, also where no registry is configured', async () => {
    const added: TemplateAction[] = [];
    const backend = await startTestBackend({
      extensionPoints: [
        [
          scaffolderActionsExtensionPoint,
          {
            addActions: (...actions) =>
              added.push(...(actions as TemplateAction[])),
          },
        ],
      ],
      features: [
        scaffolderModule,
        mockServices.rootConfig.factory({ data: {} }),
      ],
    });
    expect(added.map(({ id }) => id)).toEqual([
      'mcp-cloud:image:build',
      'mcp-cloud:server:deploy',
    ]);
    await backend.stop();
  });
});
