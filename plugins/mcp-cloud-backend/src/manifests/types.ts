import type { ServerSpec } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ImageFacts } from '../images/types';

/** A public Ed25519 key as a bridge's configuration holds it. */
export interface PublicJwk {
  kty: 'OKP';
  crv: 'Ed25519';
  kid: string;
  x: string;
}

/** A key of a server with `auth: keys` as a bridge's configuration holds it. */
export interface StaticKey {
  id: string;
  /** SHA-256 of the key, in hex. */
  hash: string;
  scopes: string[];
}

/** All that a server's manifests depend on, besides the platform's settings. */
export interface RenderInput {
  id: string;
  spec: ServerSpec;
  /** What the revision's image was found to be; missing when no registry said. */
  image?: ImageFacts;
  revision: number;
  /** 0 while the server is stopped; otherwise it counts only where the Spec has no `scaling`. */
  replicas: number;
  /** Version of the Secret that holds the values of `spec.secrets`; missing when there are none. */
  secretVersion?: number;
  /** When a restart was last asked for (ISO 8601). */
  restartedAt?: string;
  /** Tokens issued before this time (Unix seconds) are void. */
  tokensNotBefore: number;
  /** With `auth: keys`, who may come in; none by default. */
  keys?: StaticKey[];
}

/** Ways that the platform opens or closes, besides those that every server has. */
export interface NetworkSettings {
  /** Who reaches bridges; everybody in the cluster when not set. */
  sources?: Array<{
    cidr?: string;
    namespace?: Record<string, string>;
    pods?: Record<string, string>;
  }>;
  /** Ranges of the cluster's nodes, pods and Services that are public addresses and yet not of the internet. */
  clusterRanges?: string[];
  /** Ranges that Specs may list although they are private or of the cluster. */
  allowedRanges?: string[];
}

/** What leads from outside to servers. */
export interface ExposureSettings {
  ingress?: {
    className?: string;
    /** cert-manager's ClusterIssuer for `tls: {certManager: true}`. */
    clusterIssuer?: string;
    annotations?: Record<string, string>;
  };
  gateway?: { name: string; namespace?: string; sectionName?: string };
}

/** How Prometheus finds servers. */
export interface PodMonitorSettings {
  /** Whether servers have a PodMonitor whose Spec does not say; none by default. */
  everyServer?: boolean;
  /** Labels by which Prometheus chooses PodMonitors. */
  labels?: Record<string, string>;
  /** Such as `30s`; by default Prometheus' own. */
  interval?: string;
}

/** What the platform adds to every server. */
export interface PlatformSettings {
  namespace: string;
  /** Keys by which bridges know the portal's tokens, the coming one included. */
  publicKeys: PublicJwk[];
  /** Image of bridges that stand beside a server's; without it there are none. */
  bridgeImage?: string;
  /** Host names under which bridges are reached, besides their Service's. */
  allowedHosts: string[];
  network?: NetworkSettings;
  exposure?: ExposureSettings;
  podMonitor?: PodMonitorSettings;
  /** Kinds that are not made; all are by default. */
  without?: Array<'NetworkPolicy' | 'PodDisruptionBudget'>;
}
