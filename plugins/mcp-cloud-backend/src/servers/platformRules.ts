import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import { rangeProblem } from '../manifests/networkPolicy';
import type { PlatformSettings } from '../manifests/types';
import { UnsupportedError } from './errors';

/** What the platform lets servers be, from its configuration. */
export interface PlatformRules
  extends Pick<
    PlatformSettings,
    'bridgeImage' | 'exposure' | 'network' | 'podMonitor' | 'without'
  > {
  /** Whether a server may be open to everybody who reaches it. */
  allowAuthNone?: boolean;
  /** Whether a server may have a load balancer of its own. */
  allowLoadBalancer?: boolean;
  /** Hosts that servers may be reached under: `*.example.com` is any host one label below; without `owner`, for all. */
  hosts?: Array<{ pattern: string; owner?: string }>;
}

/** Refuses what the Spec can say, and this platform or release does not do; all of it at once. */
export function refuseUnsupported(
  spec: ServerSpec,
  platform: PlatformRules,
): void {
  const problems = [
    ...bridgeProblems(spec, platform),
    ...reachProblems(spec, platform),
    ...spec.network.to.flatMap(({ cidr }, index) => {
      const problem = cidr && rangeProblem(cidr, platform.network);
      return problem ? [`network.to.${index}.cidr: ${problem}`] : [];
    }),
  ];
  if (problems.length) {
    throw new UnsupportedError(problems.join(' '));
  }
}

function bridgeProblems(spec: ServerSpec, platform: PlatformRules): string[] {
  const problems: string[] = [];
  if (spec.bridge.mode === 'sidecar' && !platform.bridgeImage) {
    problems.push(
      'bridge.mode: this portal has no image for a bridge beside the server (mcpCloud.images.bridgeImage). Ask its operators, or build the image from the bridge image and use baked.',
    );
  }
  if (spec.scaling?.targets.sessions !== undefined) {
    problems.push(
      'scaling.targets.sessions: scaling by sessions is not there yet. Use cpu or memory.',
    );
  }
  if (spec.auth === 'none' && !platform.allowAuthNone) {
    problems.push(
      'auth: this platform has no servers that are open to everybody (mcpCloud.servers.allowAuthNone). Use platform, keys or jwt.',
    );
  }
  return problems;
}

function reachProblems(spec: ServerSpec, platform: PlatformRules): string[] {
  const { service, exposure, owner } = spec;
  const { ingress, gateway } = platform.exposure ?? {};
  const problems: string[] = [];
  if (service.type === 'LoadBalancer' && !platform.allowLoadBalancer) {
    problems.push(
      'service.type: this platform has no load balancers for servers (mcpCloud.servers.allowLoadBalancer). Use ClusterIP.',
    );
  }
  if (exposure?.via === 'ingress' && !ingress) {
    problems.push(
      'exposure.via: this platform exposes nothing by Ingress (mcpCloud.servers.exposure.ingress).',
    );
  }
  if (exposure?.via === 'httpRoute' && !gateway) {
    problems.push(
      'exposure.via: this platform has no gateway for servers (mcpCloud.servers.exposure.gateway).',
    );
  }
  if (exposure?.tls?.certManager && !ingress?.clusterIssuer) {
    problems.push(
      'exposure.tls.certManager: this platform has no issuer of certificates (mcpCloud.servers.exposure.ingress.clusterIssuer). Name a secret.',
    );
  }
  const hosts = {
    'service.host': service.host,
    'exposure.host': exposure?.host,
  };
  for (const [field, host] of Object.entries(hosts)) {
    if (host && !mayHave(owner, host, platform)) {
      problems.push(
        `${field}: ${owner} may not use the host ${host}. Its hosts: ${
          patternsOf(owner, platform).join(', ') || 'none'
        } (mcpCloud.servers.hosts).`,
      );
    }
  }
  return problems;
}

function patternsOf(owner: string, { hosts = [] }: PlatformRules): string[] {
  return hosts
    .filter(one => one.owner === undefined || one.owner === owner)
    .map(({ pattern }) => pattern);
}

function mayHave(owner: string, host: string, platform: PlatformRules) {
  return patternsOf(owner, platform).some(pattern =>
    pattern.startsWith('*.')
      ? host.replace(/^[^.]+/, '*') === pattern
      : host === pattern,
  );
}
