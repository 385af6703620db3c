import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { run } from './run.ts';

/** Our packages as a portal gets them, in the order in which they build. */
export const PACKAGES = [
  'mcp-cloud-common',
  'mcp-cloud-node',
  'mcp-cloud-backend',
  'mcp-cloud',
  'scaffolder-backend-module-mcp-cloud',
  'catalog-backend-module-mcp-cloud',
] as const;

export const BACKEND_PACKAGES = [
  'mcp-cloud-backend',
  'scaffolder-backend-module-mcp-cloud',
  'catalog-backend-module-mcp-cloud',
] as const;

export const FRONTEND_PACKAGE = 'mcp-cloud';

export function npmName(folder: string): string {
  return `@mcp-cloud/plugin-${folder}`;
}

/** Builds and packs all packages as they are published. Returns the tarballs by npm name. */
export async function packAll(
  root: string,
  target: string,
): Promise<Record<string, string>> {
  const tarballs: Record<string, string> = {};
  for (const folder of PACKAGES) {
    const cwd = join(root, 'plugins', folder);
    const tarball = join(target, `${folder}.tgz`);
    await run(['yarn', 'build'], { cwd });
    // Packing rewrites package.json for a moment (prepack) and puts it back (postpack).
    const before = readFileSync(join(cwd, 'package.json'), 'utf8');
    try {
      await run(['yarn', 'pack', '--out', tarball], { cwd });
    } finally {
      if (readFileSync(join(cwd, 'package.json'), 'utf8') !== before) {
        await run(['yarn', 'postpack'], { cwd }).catch(() => undefined);
      }
    }
    tarballs[npmName(folder)] = tarball;
  }
  return tarballs;
}

/** What a tarball must hold, whatever the package is for. Returns its problems in words. */
export async function problemsOf(
  name: string,
  tarball: string,
): Promise<string[]> {
  const exec = promisify(execFile);
  const files = new Set(
    (await exec('tar', ['-tzf', tarball])).stdout
      .trim()
      .split('\n')
      .map(file => file.replace(/^package\//, '')),
  );
  const { stdout } = await exec('tar', [
    '-xzOf',
    tarball,
    'package/package.json',
  ]);
  const manifest = JSON.parse(stdout) as {
    main?: string;
    types?: string;
    module?: string;
    configSchema?: unknown;
    dependencies?: Record<string, string>;
    exports?: Record<string, Record<string, string>>;
  };
  const problems: string[] = [];
  const named = [
    manifest.main,
    manifest.types,
    manifest.module,
    typeof manifest.configSchema === 'string'
      ? manifest.configSchema
      : undefined,
    ...Object.values(manifest.exports ?? {}).flatMap(target =>
      typeof target === 'string' ? [target] : Object.values(target),
    ),
  ];
  for (const file of named) {
    if (file && !files.has(file.replace(/^\.\//, ''))) {
      problems.push(
        `${name}: package.json names ${file}, which is not in the tarball`,
      );
    }
  }
  for (const [dependency, range] of Object.entries(
    manifest.dependencies ?? {},
  )) {
    if (range.startsWith('workspace:') || range.startsWith('link:')) {
      problems.push(`${name}: the dependency ${dependency} is still ${range}`);
    }
  }
  for (const file of files) {
    if (/\.test\.[a-z]+$|^src\//.test(file)) {
      problems.push(`${name}: ${file} does not belong into the tarball`);
    }
  }
  return problems;
}

/** Writes the type declarations that packing puts together: of our packages alone, tests aside. */
export async function writeDeclarations(
  root: string,
  work: string,
): Promise<void> {
  const config = join(work, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      include: [
        ...PACKAGES.map(folder => join(root, 'plugins', folder, 'src')),
        // Styles and pictures as modules.
        join(root, 'node_modules/@backstage/cli/asset-types/asset-types.d.ts'),
      ],
      exclude: [
        '**/*.test.ts',
        '**/*.test.tsx',
        '**/setupTests.ts',
        '**/testing/**',
      ],
      compilerOptions: {
        incremental: false,
        typeRoots: [join(root, 'node_modules/@types')],
      },
    }),
  );
  await run(['yarn', 'tsc', '--pretty', 'false', '--project', config], {
    cwd: root,
  });
}
