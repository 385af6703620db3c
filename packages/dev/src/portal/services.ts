import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { inRepository, repositoryDir } from '../repository.ts';
import {
  readIfThere,
  writeWhole,
} from '../../../dev-cluster/src/system/files.ts';
import { running, startDetached, stop } from '../system/detached.ts';
import { hashOfSources } from '../system/sources.ts';
import { answers, until } from '../../../dev-cluster/src/system/wait.ts';
import { baseEnvironment, oidcUrl, portalUrl, type Ports } from './settings.ts';
import type { Secrets, StateDir } from './stateDir.ts';

export const OIDC = 'oidc';
export const BACKEND = 'backend';

/** Stops at once, instead of waiting on, when the process whose answer is awaited has ended. */
const guard = (pidFile: string, logFile: string) => () => {
  if (!running(pidFile)) {
    const last = (readIfThere(logFile) ?? '')
      .trimEnd()
      .split('\n')
      .slice(-15)
      .join('\n');
    throw new Error(
      `it ended right after its start. The end of ${logFile}:\n${last}`,
    );
  }
};

/** Somebody else's program on our port would answer in its place, and the failure would come much later. */
async function requireFreePort(port: number, what: string): Promise<void> {
  const { createServer } = await import('node:net');
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () =>
      reject(
        new Error(
          `Port ${port}, for ${what}, is taken by another program. Choose others with --port.`,
        ),
      ),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

/** Starts the sign-in provider and waits until it answers: the backend asks it once, when it starts. */
export async function startOidc(
  state: StateDir,
  ports: Ports,
  secrets: Secrets,
): Promise<boolean> {
  const pidFile = state.pid(OIDC);
  const logFile = state.log(OIDC);
  const discovery = `${oidcUrl(ports)}/.well-known/openid-configuration`;
  if (running(pidFile)) {
    await until('sign-in provider', () => answers(discovery), { seconds: 20 });
    return false;
  }
  await requireFreePort(ports.oidc, 'the sign-in provider');
  startDetached({
    args: [inRepository('packages', 'dev', 'src', 'oidc', 'main.ts')],
    cwd: repositoryDir,
    env: {
      ...baseEnvironment(),
      NODE_ENV: 'production',
      OIDC_PORT: String(ports.oidc),
      OIDC_PORTAL: portalUrl(ports),
      OIDC_CLIENT_SECRET: secrets.oidc,
      OIDC_STATE_FILE: state.oidcState,
    },
    logFile,
    pidFile,
  });
  await until('sign-in provider', () => answers(discovery), {
    seconds: 30,
    guard: guard(pidFile, logFile),
  });
  return true;
}

const backendSources = [
  'packages/backend',
  'plugins/mcp-cloud-backend',
  'plugins/mcp-cloud-common',
  'plugins/mcp-cloud-node',
  'plugins/catalog-backend-module-mcp-cloud',
  'plugins/scaffolder-backend-module-mcp-cloud',
  'app-config.yaml',
  'yarn.lock',
];

/** What a running backend was started from; with anything else it has to start anew. */
function hashOfBackend(environment: Record<string, string>): string {
  const sources = hashOfSources(repositoryDir, backendSources);
  return createHash('sha256')
    .update(sources)
    .update(JSON.stringify(environment))
    .digest('hex');
}

/** Starts the backend as in production, pages included. One that already runs from the same sources stays. */
export async function startBackend(
  state: StateDir,
  ports: Ports,
  environment: Record<string, string>,
): Promise<boolean> {
  const pidFile = state.pid(BACKEND);
  const logFile = state.log(BACKEND);
  const ready = `${portalUrl(ports)}/.backstage/health/v1/readiness`;
  const mark = `${state.environment}.hash`;
  const hash = hashOfBackend(environment);
  if (running(pidFile) && readIfThere(mark) === hash) {
    await until('backend', () => answers(ready), { seconds: 60 });
    return false;
  }
  await stop(pidFile);
  await requireFreePort(ports.portal, 'the portal');
  mkdirSync(state.database, { recursive: true, mode: 0o700 });
  writeWhole(state.environment, `${JSON.stringify(environment, null, 2)}\n`);
  startDetached({
    // Compiles TypeScript as it is loaded, so there is no build to be out of date.
    args: [
      '--require',
      inRepository(
        'node_modules',
        '@backstage',
        'cli',
        'config',
        'nodeTransform.cjs',
      ),
      'src/index.ts',
      '--config',
      inRepository('app-config.yaml'),
    ],
    cwd: inRepository('packages', 'backend'),
    env: { ...baseEnvironment(), ...environment, NODE_ENV: 'production' },
    logFile,
    pidFile,
  });
  await until('backend', () => answers(ready), {
    seconds: 180,
    everyMs: 500,
    guard: guard(pidFile, logFile),
  });
  writeWhole(mark, hash);
  return true;
}
