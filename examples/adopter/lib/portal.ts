import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { BACKEND_PACKAGES, FRONTEND_PACKAGE, npmName } from './packages.ts';
import { run } from './run.ts';

/** The version of create-app whose portal is the model; it makes portals of Backstage 1.55. */
const CREATE_APP = '@backstage/create-app@0.9.2';

interface Manifest {
  dependencies?: Record<string, string>;
  resolutions?: Record<string, string>;
}

function edit(file: string, change: (manifest: Manifest) => void): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A portal as its makers give it, nothing installed. */
export async function createPortal(directory: string): Promise<void> {
  await run(
    ['npx', '--yes', CREATE_APP, '--skip-install', '--path', directory],
    {
      cwd: join(directory, '..'),
      env: { BACKSTAGE_APP_NAME: 'adopter' },
    },
  );
}

/** What docs/install.md tells an adopter to do: one dependency and one line for each package. */
export function addPlugins(
  portal: string,
  root: string,
  tarballs: Record<string, string>,
): void {
  const files = Object.fromEntries(
    Object.entries(tarballs).map(([name, tarball]) => [
      name,
      `file:${tarball}`,
    ]),
  );
  const { resolutions } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Manifest;
  // The tarballs name each other by version, and no registry has these versions yet.
  edit(join(portal, 'package.json'), manifest => {
    manifest.resolutions = {
      ...manifest.resolutions,
      ...resolutions,
      ...files,
    };
  });
  edit(join(portal, 'packages/app/package.json'), manifest => {
    manifest.dependencies = {
      ...manifest.dependencies,
      [npmName(FRONTEND_PACKAGE)]: files[npmName(FRONTEND_PACKAGE)],
    };
  });
  edit(join(portal, 'packages/backend/package.json'), manifest => {
    for (const folder of BACKEND_PACKAGES) {
      manifest.dependencies = {
        ...manifest.dependencies,
        [npmName(folder)]: files[npmName(folder)],
      };
    }
    // The version that the resolutions above ask for, so that the native part fits the Node that runs this.
    manifest.dependencies = {
      ...manifest.dependencies,
      'better-sqlite3': resolutions?.['better-sqlite3'] ?? '*',
    };
  });
  const index = join(portal, 'packages/backend/src/index.ts');
  const lines = BACKEND_PACKAGES.map(
    folder => `backend.add(import('${npmName(folder)}'));`,
  ).join('\n');
  writeFileSync(
    index,
    readFileSync(index, 'utf8').replace(
      'backend.start();',
      `${lines}\n\nbackend.start();`,
    ),
  );
  appendFileSync(
    join(portal, '.yarnrc.yml'),
    '\nenableScripts: false\nenableImmutableInstalls: false\n',
  );
}

/** A configuration that names a cluster which is not reached: a portal must start all the same. */
export function writeConfig(portal: string, port: number): string {
  const state = join(portal, 'state');
  mkdirSync(state, { recursive: true });
  const kubeconfig = join(state, 'kubeconfig.json');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'away',
      clusters: [{ name: 'away', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'away', user: { token: 'none' } }],
      contexts: [{ name: 'away', context: { cluster: 'away', user: 'away' } }],
    }),
  );
  const file = join(portal, 'app-config.adopter.yaml');
  writeFileSync(
    file,
    `app:
  baseUrl: http://localhost:${port}
backend:
  baseUrl: http://localhost:${port}
  listen: { host: 127.0.0.1, port: ${port} }
mcpCloud:
  administrators: [user:development/guest]
  keys: { insecureDevelopmentSecret: true }
  clusters:
    - name: away
      title: A cluster that is away
      namespace: mcp-servers
      kubeconfig: ${kubeconfig}
  images:
    registry: 127.0.0.1:5001
    builder: auto
    bridgeImage: 127.0.0.1:5001/mcp-cloud/bridge-node:0.1.0
`,
  );
  return file;
}
