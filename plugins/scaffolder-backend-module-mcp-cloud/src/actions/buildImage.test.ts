import { createMockDirectory } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import type {
  ImageBuilder,
  ImageBuildRequest,
} from '@mcp-cloud/plugin-mcp-cloud-node';
import { ImageBuildError } from '@mcp-cloud/plugin-mcp-cloud-node';
import { createBuildImageAction } from './buildImage';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

describe('mcp-cloud:image:build', () => {
  const workspace = createMockDirectory({
    content: { server: { Containerfile: 'FROM a' } },
  });
  const images = {
    builder: 'auto',
    registry: 'r.example.com',
    bridgeImage: 'bridge:1',
    builderImage: 'node:1',
  } as const;

  function setUp(
    build: ImageBuilder['build'] = async ({ name, tag }) => ({
      image: `r.example.com/${name}:${tag}@${DIGEST}`,
      digest: DIGEST,
    }),
  ) {
    const requests: ImageBuildRequest[] = [];
    const imageBuilder: ImageBuilder = {
      build: request => {
        requests.push(request);
        return build(request);
      },
    };
    return {
      action: createBuildImageAction({ imageBuilder, images }),
      requests,
    };
  }
  const context = (input: object, more: object = {}) => ({
    ...createMockActionContext({
      workspacePath: workspace.path,
      input: input as { name: string },
    }),
    ...more,
  });

  it('builds a directory of the workspace and puts out what to deploy', async () => {
    const { action, requests } = setUp();
    const ctx = context({
      path: 'server',
      name: 'team-a/tools',
      tag: '1.4',
      buildArgs: { A: 'b' },
      labels: { c: 'd' },
    });
    await action.handler(ctx);
    expect(requests).toEqual([
      expect.objectContaining({
        contextDir: workspace.resolve('server'),
        name: 'team-a/tools',
        tag: '1.4',
        buildArgs: { A: 'b' },
        offeredArgs: { BRIDGE_IMAGE: 'bridge:1', BUILDER_IMAGE: 'node:1' },
        labels: { c: 'd' },
        timeoutMs: 15 * 60_000,
      }),
    ]);
    expect(ctx.output).toHaveBeenCalledWith(
      'image',
      `r.example.com/team-a/tools:1.4@${DIGEST}`,
    );
    expect(ctx.output).toHaveBeenCalledWith('digest', DIGEST);
  });

  it('hands on the lines of the build and the end of the task', async () => {
    const controller = new AbortController();
    const { action, requests } = setUp();
    const ctx = context({ name: 'tools' }, { signal: controller.signal });
    const info = jest.spyOn(ctx.logger, 'info');
    await action.handler(ctx);
    requests[0].onLine?.('STEP 1/1: FROM a');
    expect(info).toHaveBeenCalledWith('STEP 1/1: FROM a');
    expect(requests[0].signal).toBe(controller.signal);
    expect(requests[0].tag).toBe('latest');
  });

  it('fails with the words of the build', async () => {
    const { action } = setUp(async () => {
      throw new ImageBuildError('Building x failed.', {
        step: 'RUN npm ci',
        lastLines: ['npm error E404'],
      });
    });
    await expect(action.handler(context({ name: 'tools' }))).rejects.toThrow(
      'Building x failed. Failed step: RUN npm ci\nLast lines:\n  npm error E404',
    );
  });

  it('never leaves the workspace', async () => {
    const { action, requests } = setUp();
    await expect(
      action.handler(context({ name: 'tools', path: '../..' })),
    ).rejects.toThrow('Relative path is not allowed');
    expect(requests).toEqual([]);
  });

  it('builds once: a resumed task takes what its checkpoint kept', async () => {
    const { action, requests } = setUp();
    const ctx = context(
      { name: 'tools' },
      { checkpoint: async () => ({ image: 'kept', digest: DIGEST }) },
    );
    await action.handler(ctx);
    expect(requests).toEqual([]);
    expect(ctx.output).toHaveBeenCalledWith('image', 'kept');
  });

  it('builds nothing in a dry run', async () => {
    const { action, requests } = setUp();
    const ctx = context({ name: 'tools' }, { isDryRun: true });
    await action.handler(ctx);
    expect(requests).toEqual([]);
    expect(ctx.output).toHaveBeenCalledWith(
      'image',
      expect.stringMatching(/^r\.example\.com\/tools:latest@sha256:0{64}$/),
    );
  });
});
