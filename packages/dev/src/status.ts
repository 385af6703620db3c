import { readRecord } from './portal/record.ts';
import { BACKEND, OIDC } from './portal/services.ts';
import { oidcUrl, portalUrl } from './portal/settings.ts';
import { stateDir } from './portal/stateDir.ts';
import { running } from './system/detached.ts';

/** What runs, one line each, and whether all of it does. */
export function status(name: string): { text: string; up: boolean } {
  const state = stateDir(name);
  const { ports, cluster } = readRecord(state);
  const line = (what: string, service: string, url: string) => {
    const id = running(state.pid(service));
    return `${what.padEnd(18)}${
      id ? `runs    ${url} (process ${id.pid})` : 'does not run'
    }`;
  };
  const lines = [
    line('portal', BACKEND, portalUrl(ports)),
    line('sign-in provider', OIDC, oidcUrl(ports)),
    `${'cluster'.padEnd(18)}${
      cluster
        ? `${cluster.title}, kubeconfig ${cluster.kubeconfig}`
        : 'none yet'
    }`,
    `${'state'.padEnd(18)}${state.path}`,
  ];
  return {
    text: lines.join('\n'),
    up: [BACKEND, OIDC].every(
      service => running(state.pid(service)) !== undefined,
    ),
  };
}
