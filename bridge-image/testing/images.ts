// Builds the images that only tests of a cluster need, and pushes them: see README.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findGo } from '../../packages/dev-cluster/src/toolchain.ts';
import { prepareBase } from '../lib/base.ts';
import { findBuilder, type Builder } from '../lib/builders.ts';
import { hashOf } from '../lib/hash.ts';
import { localParent, publish, PUBLIC_BASE } from '../lib/publish.ts';
import { run, step } from '../lib/steps.ts';

// Named before the table of servers is loaded: there it becomes part of their arguments.
process.env.MCP_REAL_SERVERS_SCRATCH = '/tmp';
const { serversInImages } = await import(
  '../../packages/bridge/real-servers/servers.ts'
);
type Server = (typeof serversInImages)[number];

const here = import.meta.dirname;
const root = join(here, '..', '..');

/** Builds an image of a kind of Containerfile and pushes it. @returns its name in the registry */
type Add = (
  name: string,
  kind: string,
  args: Readonly<Record<string, string>>,
  files?: readonly string[],
) => Promise<string>;

function adder(builder: Builder, registry: string, context: string): Add {
  return async (name, kind, args, files = []) => {
    const containerfile = join(here, `Containerfile.${kind}`);
    const content = hashOf([JSON.stringify(args)], context, files);
    const { ref } = await publish(builder, registry, {
      name: `test-${name}`,
      version: '0',
      containerfile,
      context,
      args,
      hash: hashOf([content], here, [`Containerfile.${kind}`]),
    });
    return ref;
  };
}

/** The tiny server and the fixture of the conformance sets, in a folder for builds. */
async function prepareContext(): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'mcp-test-images-'));
  await step('tiny server', async () =>
    run(
      await findGo(),
      [
        ...['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
        ...['-o', join(context, 'tiny-server'), '.'],
      ],
      {
        cwd: join(here, 'server'),
        env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '' },
      },
    ),
  );
  await step('fixture of the conformance sets', () =>
    run(
      process.execPath,
      ['conformance/bundle.mjs', join(context, 'fixture.mjs')],
      { cwd: join(root, 'packages', 'bridge') },
    ),
  );
  return context;
}

/** A published server's image, and how it is started there. */
async function published(
  add: Add,
  base: { runtime: string; builder: string },
  server: Server,
) {
  const separator = server.registry === 'npm' ? '@' : '==';
  const packages = Object.entries({
    [server.package]: server.version,
    ...server.with,
  }).map(([name, version]) => `${name}${separator}${version}`);
  const name = server.package.replace('@', '').replace('/', '-');
  const image = await add(name, server.registry, {
    BASE: base.runtime,
    PACKAGES: packages.join(' '),
    ...(server.registry === 'npm' ? { BUILDER: base.builder } : {}),
  });
  const command = [server.bin, ...(server.args ?? [])];
  return { package: server.package, image, command, env: server.env ?? {} };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      registry: { type: 'string' },
      bridge: { type: 'string' },
      builder: { type: 'string', default: 'auto' },
    },
  });
  if (!values.registry || !values.bridge)
    throw new Error(
      'Say where the images go, and from which bridge: --registry 127.0.0.1:5001 --bridge 127.0.0.1:5001/mcp-cloud/bridge-node:0.1.0',
    );
  const builder = await findBuilder(values.builder);
  const base = await prepareBase(
    builder,
    builder.name === 'docker' ? PUBLIC_BASE : 'debootstrap',
    join(here, '..'),
  );
  const context = await prepareContext();
  try {
    const { registry } = values;
    const add = adder(builder, registry, context);
    const bridge = await localParent(builder, registry, values.bridge);
    const tiny = ['tiny-server'];
    const debian = await add(
      'tiny-debian',
      'tiny',
      { BASE: base.runtime },
      tiny,
    );
    const withUser = async (user: string) =>
      add(`tiny-${user}`, 'user', {
        BASE: await localParent(builder, registry, debian),
        IMAGE_USER: user,
      });
    const built = {
      tiny: await add('tiny', 'tiny', { BASE: bridge }, tiny),
      fixture: await add('fixture', 'fixture', { BASE: bridge }, [
        'fixture.mjs',
      ]),
      users: {
        'from scratch': await add('tiny-scratch', 'tiny', {}, tiny),
        none: debian,
        root: await withUser('root'),
        named: await withUser('nobody'),
      },
      published: [] as Awaited<ReturnType<typeof published>>[],
    };
    for (const server of serversInImages)
      built.published.push(await published(add, base, server));
    process.stdout.write(`${JSON.stringify(built)}\n`);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
