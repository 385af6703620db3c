import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Builder } from './builders.ts';
import { findImage } from './registry.ts';
import { step } from './steps.ts';

/** What images are built on where a Docker engine gets it. */
export const PUBLIC_BASE = 'docker.io/library/node:24-slim';
const HASH_LABEL = 'io.mcp-cloud.source-hash';

/** An image in the registry. */
export interface Built {
  /** With a tag that changes with the content. */
  readonly ref: string;
  /** With the tag of the version. */
  readonly stable: string;
  readonly digest: string;
  readonly built: boolean;
}

export interface Target {
  readonly name: string;
  readonly version: string;
  readonly containerfile: string;
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  readonly hash: string;
}

/** What a build needs to install packages here; mounted while it runs, never kept. */
function buildSecrets(): Record<string, string> {
  const npmrc = process.env.NPM_CONFIG_USERCONFIG ?? join(homedir(), '.npmrc');
  const bundle = process.env.NODE_EXTRA_CA_CERTS ?? '';
  return {
    ...(existsSync(npmrc) ? { npmrc } : {}),
    ...(existsSync(bundle) ? { ca: bundle } : {}),
  };
}

/** Builds an image and pushes it, unless the registry has it under the same hash. */
export async function publish(
  builder: Builder,
  registry: string,
  target: Target,
  force = false,
): Promise<Built> {
  const repository = `mcp-cloud/${target.name}`;
  const tag = `${target.version}-${target.hash.slice(0, 12)}`;
  const ref = `${registry}/${repository}:${tag}`;
  const stable = `${registry}/${repository}:${target.version}`;
  const found = await findImage(registry, repository, tag);
  if (!force && found?.labels[HASH_LABEL] === target.hash) {
    process.stderr.write(`  same  ${target.name} ${tag}\n`);
    return { ref, stable, digest: found.digest, built: false };
  }
  const local = `localhost/mcp-cloud/${target.name}:${tag}`;
  await step(`build ${target.name}`, () =>
    builder.build({
      containerfile: target.containerfile,
      context: target.context,
      tag: local,
      args: target.args,
      labels: { [HASH_LABEL]: target.hash },
      secrets: buildSecrets(),
    }),
  );
  await step(`push ${target.name}`, async () => {
    await builder.push(local, ref);
    await builder.push(local, stable);
    await builder.push(local, `${registry}/${repository}:stable`);
  });
  const digest = (await findImage(registry, repository, tag))?.digest ?? '';
  return { ref, stable, digest, built: true };
}

/** An image of the registry as the builder can find it: its own copy, else the registry's. */
export async function localParent(
  builder: Builder,
  registry: string,
  ref: string,
): Promise<string> {
  const local = `localhost/${ref.slice(registry.length + 1)}`;
  return (await builder.has(local)) ? local : ref;
}
