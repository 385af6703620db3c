import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type {
  ImageBuilder,
  ImagesConfig,
} from '@mcp-cloud/plugin-mcp-cloud-node';
import { examples } from './buildImage.examples';

/** Digest that a dry run shows: nothing was built, so there is none. */
const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

/** `mcp-cloud:image:build`: builds a directory of the workspace and pushes the image. */
export function createBuildImageAction(options: {
  imageBuilder: ImageBuilder;
  images: ImagesConfig;
}) {
  const { imageBuilder, images } = options;
  return createTemplateAction({
    id: 'mcp-cloud:image:build',
    description:
      "Builds an image from a directory of the workspace and pushes it to the platform's registry. The build argument BRIDGE_IMAGE is filled in.",
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        path: z =>
          z
            .string()
            .describe(
              'Directory to build, below the workspace; by default the workspace',
            )
            .optional(),
        containerfile: z =>
          z
            .string()
            .describe(
              'Containerfile, below the directory; by default Containerfile, else Dockerfile',
            )
            .optional(),
        name: z =>
          z
            .string()
            .describe(
              "Name of the image below the platform's registry, such as team-a/my-tools",
            ),
        tag: z =>
          z.string().describe('Tag of the image; by default latest').optional(),
        buildArgs: z =>
          z
            .record(z.string())
            .describe('Build arguments; never secrets, images show them')
            .optional(),
        labels: z =>
          z.record(z.string()).describe('Labels of the image').optional(),
        timeoutMinutes: z =>
          z
            .number()
            .int()
            .min(1)
            .max(120)
            .describe('Bound on build and push together; by default 15')
            .optional(),
      },
      output: {
        image: z =>
          z
            .string()
            .describe(
              'The image with tag and digest, ready for mcp-cloud:server:deploy',
            ),
        digest: z => z.string().describe("The digest of the image's manifest"),
      },
    },
    async handler(ctx) {
      const {
        path = '.',
        containerfile,
        name,
        tag = 'latest',
        buildArgs,
        labels,
        timeoutMinutes = 15,
      } = ctx.input;
      const contextDir = resolveSafeChildPath(ctx.workspacePath, path);
      const offeredArgs = {
        ...(images.bridgeImage ? { BRIDGE_IMAGE: images.bridgeImage } : {}),
        ...(images.builderImage ? { BUILDER_IMAGE: images.builderImage } : {}),
      };
      if (!images.bridgeImage && !buildArgs?.BRIDGE_IMAGE) {
        ctx.logger.warn(
          'mcpCloud.images.bridgeImage is not configured; a Containerfile that says "FROM ${BRIDGE_IMAGE}" will fail.',
        );
      }
      if (ctx.isDryRun) {
        ctx.logger.info(`Dry run: would build ${path} as ${name}:${tag}.`);
        ctx.output(
          'image',
          `${
            images.registry ?? 'registry.example.com'
          }/${name}:${tag}@${NO_DIGEST}`,
        );
        ctx.output('digest', NO_DIGEST);
        return;
      }
      // A task that is resumed after a restart must not build and push once more.
      const built = await ctx.checkpoint({
        key: `mcp-cloud.image.build.${name}.${tag}`,
        fn: async () => {
          const { image, digest } = await imageBuilder.build({
            contextDir,
            containerfile,
            name,
            tag,
            buildArgs,
            offeredArgs,
            labels,
            onLine: line => ctx.logger.info(line),
            signal: ctx.signal,
            timeoutMs: timeoutMinutes * 60_000,
          });
          return { image, digest };
        },
      });
      ctx.logger.info(`Pushed ${built.image}`);
      ctx.output('image', built.image);
      ctx.output('digest', built.digest);
    },
  });
}
