// Builds the bridge's image and those of the example servers, and pushes them. See README.md.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { architecture, ensureAgent, type AgentPrograms } from './lib/agent.ts';
import { prepareBase, type BaseImages } from './lib/base.ts';
import { findBuilder, type Builder } from './lib/builders.ts';
import { hashOf } from './lib/hash.ts';
import {
  localParent,
  publish,
  PUBLIC_BASE,
  type Built,
  type Target,
} from './lib/publish.ts';
import { findImage } from './lib/registry.ts';
import { run, step } from './lib/steps.ts';

/** Of the Python package index. */
const UV_VERSION = '0.13.9';
const here = import.meta.dirname;
const root = join(here, '..');

/** The image that sources are compiled in; one of a public registry is used from there. */
async function publishBuilder(
  builder: Builder,
  registry: string,
  base: BaseImages,
): Promise<Built> {
  const name = 'mcp-cloud/builder-node';
  const tag = base.identity.slice(0, 12);
  if (!base.builder.startsWith('localhost/')) {
    return {
      ref: base.builder,
      stable: base.builder,
      digest: '',
      built: false,
    };
  }
  const ref = `${registry}/${name}:${tag}`;
  const stable = `${registry}/${name}:stable`;
  const found = await findImage(registry, name, tag);
  if (found) return { ref, stable, digest: found.digest, built: false };
  await step('push builder', async () => {
    await builder.push(base.builder, ref);
    await builder.push(base.builder, stable);
  });
  const digest = (await findImage(registry, name, tag))?.digest ?? '';
  return { ref, stable, digest, built: true };
}

function bridgeTarget(base: BaseImages, agent: AgentPrograms): Target {
  const context = join(root, 'packages', 'bridge');
  cpSync(agent.dir, join(context, 'dist', 'agent'), { recursive: true });
  const { version } = JSON.parse(
    readFileSync(join(context, 'package.json'), 'utf8'),
  ) as { version: string };
  const containerfile = join(here, 'Containerfile.node');
  return {
    name: 'bridge-node',
    version,
    containerfile,
    context,
    args: { BASE: base.runtime, VERSION: version, ARCH: architecture() },
    hash: hashOf([base.identity, version, agent.hash], root, [
      'bridge-image/Containerfile.node',
      'packages/bridge/dist/mcp-bridge.mjs',
    ]),
  };
}

function pythonTarget(node: Target, ref: string): Target {
  const containerfile = join(here, 'Containerfile.python');
  return {
    ...node,
    name: 'bridge-python',
    containerfile,
    args: { BRIDGE_IMAGE: ref, UV_VERSION },
    hash: hashOf([node.hash, UV_VERSION], here, ['Containerfile.python']),
  };
}

/** @param name of the image, when it is not the folder's */
function exampleTarget(
  folder: string,
  parent: { ref: string; hash: string },
  base: BaseImages,
  name = folder,
): Target {
  const context = join(root, 'examples', 'servers', folder);
  const { version } = JSON.parse(
    readFileSync(join(context, 'package.json'), 'utf8'),
  ) as { version: string };
  return {
    name,
    version,
    containerfile: join(context, 'Containerfile'),
    context,
    args: { BRIDGE_IMAGE: parent.ref, BUILDER_IMAGE: base.builder },
    hash: hashOf([parent.hash, base.identity, name], context, ['.']),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      registry: { type: 'string' },
      builder: { type: 'string', default: 'auto' },
      base: { type: 'string' },
      python: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { registry } = values;
  if (!registry)
    throw new Error('Say where the images go, e.g. --registry 127.0.0.1:5001');
  const builder = await findBuilder(values.builder);
  process.stderr.write(`images with ${builder.name} to ${registry}\n`);
  const started = performance.now();

  await step('bundle of the bridge', () =>
    run(process.execPath, ['build.mjs'], {
      cwd: join(root, 'packages', 'bridge'),
    }),
  );
  const agent = await ensureAgent();
  const choice =
    values.base ?? (builder.name === 'docker' ? PUBLIC_BASE : 'debootstrap');
  const base = await prepareBase(builder, choice, here);

  const compiler = await publishBuilder(builder, registry, base);
  const bridgeImage = bridgeTarget(base, agent);
  const bridge = await publish(builder, registry, bridgeImage, values.force);
  // A rebuilt bridge changes the hash of every image on top of it.
  const parent = {
    ref: await localParent(builder, registry, bridge.ref),
    hash: bridgeImage.hash,
  };
  const python = values.python
    ? await publish(
        builder,
        registry,
        pythonTarget(bridgeImage, parent.ref),
        values.force,
      )
    : undefined;
  const everything = await publish(
    builder,
    registry,
    exampleTarget('everything', parent, base),
    values.force,
  );
  const hello = await publish(
    builder,
    registry,
    exampleTarget('hello-typescript', parent, base),
    values.force,
  );
  // On Node alone: an image as there are many, for the bridge to stand beside.
  const plain = await publish(
    builder,
    registry,
    exampleTarget(
      'everything',
      { ref: base.runtime, hash: base.identity },
      base,
      'everything-plain',
    ),
    values.force,
  );

  process.stderr.write(
    `done in ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
  );
  const images = {
    bridge,
    ...(python ? { python } : {}),
    builder: compiler,
    everything,
    hello,
    plain,
  };
  if (values.json) process.stdout.write(`${JSON.stringify(images)}\n`);
  else
    for (const [name, { ref }] of Object.entries(images))
      process.stdout.write(`${name}\t${ref}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
