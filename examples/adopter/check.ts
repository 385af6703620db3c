// Does a portal of somebody else get along with our packages? Packs them as they are published, makes a fresh portal,
// adds them as docs/install.md says, and looks whether it works. `--keep` leaves the portal for a look.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Checks } from './lib/checks.ts';
import {
  npmName,
  packAll,
  problemsOf,
  writeDeclarations,
} from './lib/packages.ts';
import { addPlugins, createPortal, writeConfig } from './lib/portal.ts';
import { end, endAll, run, start } from './lib/run.ts';

const root = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false } },
});
const work = mkdtempSync(join(tmpdir(), 'mcp-cloud-adopter-'));
const portal = join(work, 'portal');
const checks = new Checks();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void endAll().then(() => {
      rmSync(work, { recursive: true, force: true });
      process.exit(130);
    });
  });
}

try {
  await packages();
  await portalWorks();
} finally {
  await endAll();
  if (values.keep) {
    console.log(`The portal is in ${portal}`);
  } else {
    rmSync(work, { recursive: true, force: true });
  }
}
console.log(
  `${checks.passed} passed, ${checks.failed} failed, ${checks.skipped} skipped`,
);
process.exitCode = checks.failed || checks.skipped ? 1 : 0;

async function packages(): Promise<void> {
  await checks.check('type declarations of the packages', () =>
    writeDeclarations(root, work),
  );
  const tarballs = await checks.check('packages build and pack', () =>
    packAll(root, work),
  );
  await checks.check(
    'tarballs hold what their package.json names',
    async () => {
      const problems = (
        await Promise.all(
          Object.entries(tarballs ?? {}).map(([name, tarball]) =>
            problemsOf(name, tarball),
          ),
        )
      ).flat();
      if (problems.length) {
        throw new Error(problems.join('\n'));
      }
    },
  );
  await checks.check('a fresh portal is made', () => createPortal(portal));
  await checks.check('it installs with our packages', async () => {
    addPlugins(portal, root, tarballs ?? {});
    await run(['yarn', 'install'], { cwd: portal, timeoutMs: 15 * 60_000 });
  });
}

async function portalWorks(): Promise<void> {
  const port = await freePort();
  const config =
    (await checks.check('our configuration is written', async () =>
      writeConfig(portal, port),
    )) ?? '';
  const configs = ['--config', 'app-config.yaml', '--config', config];
  await checks.check('config:check --strict takes it', () =>
    run(['yarn', 'backstage-cli', 'config:check', '--strict', ...configs], {
      cwd: portal,
    }),
  );
  await checks.check(
    'config:check --strict finds a mistake in our keys',
    async () => {
      const wrong = `${config}.wrong.yaml`;
      writeFileSync(wrong, 'mcpCloud: { images: { builder: kaniko } }\n');
      const complaint = await run(
        [
          'yarn',
          'backstage-cli',
          'config:check',
          '--strict',
          ...configs,
          '--config',
          wrong,
        ],
        {
          cwd: portal,
        },
      ).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (!complaint?.includes('/mcpCloud/images/builder')) {
        throw new Error(`It said: ${complaint ?? 'nothing'}`);
      }
    },
  );
  await checks.check('it typechecks', () =>
    run(['yarn', 'tsc'], { cwd: portal }),
  );
  await checks.check('the app builds, and holds our pages', async () => {
    await run(['yarn', 'workspace', 'app', 'build'], {
      cwd: portal,
      timeoutMs: 15 * 60_000,
    });
    const scripts = join(portal, 'packages/app/dist/static');
    const bundle = readdirSync(scripts)
      .filter(file => file.endsWith('.js'))
      .map(file => readFileSync(join(scripts, file), 'utf8'))
      .join('\n');
    // The list of discovered packages, the path of our pages, and a text out of our translations.
    for (const needle of [npmName('mcp-cloud'), '/mcp-cloud', 'MCP servers']) {
      if (!bundle.includes(needle)) {
        throw new Error(`The app's scripts do not hold "${needle}".`);
      }
    }
  });
  await backendWorks(port, config);
}

async function backendWorks(port: number, config: string): Promise<void> {
  const base = `http://127.0.0.1:${port}/api`;
  let log = '';
  const backend = checks.failed
    ? undefined
    : start(
        [
          'yarn',
          'workspace',
          'backend',
          'start',
          '--config',
          '../../app-config.yaml',
          '--config',
          config,
        ],
        { cwd: portal },
      );
  for (const stream of [backend?.stdout, backend?.stderr]) {
    stream?.on('data', data => {
      log += data;
    });
  }
  await checks.check(
    'the backend starts although the cluster is away',
    async () => {
      for (
        const until = Date.now() + 240_000;
        Date.now() < until;
        await sleep(1_000)
      ) {
        const answer = await fetch(`${base}/mcp-cloud/health`, {
          signal: AbortSignal.timeout(2_000),
        }).catch(() => undefined);
        if (answer?.ok) {
          return;
        }
      }
      throw new Error(
        `/api/mcp-cloud/health does not answer. The end of the log:\n${log
          .split('\n')
          .slice(-40)
          .join('\n')}`,
      );
    },
  );
  const token = await checks.check('a guest signs in', async () => {
    const answer = await json(`${base}/auth/guest/refresh`);
    return (answer as { backstageIdentity: { token: string } })
      .backstageIdentity.token;
  });
  await checks.check(
    'our interface answers a signed-in person, and nobody else',
    async () => {
      const list = (await json(`${base}/mcp-cloud/servers`, token)) as {
        items?: unknown[];
      };
      if (!Array.isArray(list.items)) {
        throw new Error(JSON.stringify(list));
      }
      const refused = await fetch(`${base}/mcp-cloud/servers`);
      if (refused.status !== 401) {
        throw new Error(`Without a token the answer was ${refused.status}.`);
      }
    },
  );
  await checks.check('templates have our actions', async () => {
    const actions = (await json(
      `${base}/scaffolder/v2/actions`,
      token,
    )) as Array<{ id: string }>;
    const missing = ['mcp-cloud:image:build', 'mcp-cloud:server:deploy'].filter(
      id => !actions.some(action => action.id === id),
    );
    if (missing.length) {
      throw new Error(`Missing: ${missing.join(', ')}`);
    }
  });
  if (backend) {
    await end(backend);
  }
}

async function json(url: string, token?: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    signal: AbortSignal.timeout(20_000),
  });
  if (!response.ok) {
    throw new Error(
      `${url} answered ${response.status}: ${(await response.text()).slice(
        0,
        500,
      )}`,
    );
  }
  return response.json();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
