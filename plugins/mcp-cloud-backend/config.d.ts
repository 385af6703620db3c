import type { HumanDuration } from '@backstage/types';

export interface Config {
  /** Hosting of MCP servers on Kubernetes. */
  mcpCloud?: {
    /**
     * Users and groups (entity references) who may make servers for any owner.
     * @visibility backend
     */
    administrators?: string[];

    /** Keys that sign the tokens by which servers know users. */
    keys?: {
      /**
       * Seals the signing keys in the database; at least 32 characters, such as from `openssl rand -base64 32`.
       * Whoever changes it makes the stored keys unreadable.
       * @visibility secret
       */
      secret?: string;
      /**
       * Use a secret that everybody knows, for development. Refused when NODE_ENV is production.
       * @visibility backend
       */
      insecureDevelopmentSecret?: boolean;
    };

    images?: {
      /**
       * The bridge's image: servers are built from it, or it stands beside them (`bridge: {mode: sidecar}`).
       * @visibility backend
       */
      bridgeImage?: string;
    };

    /**
     * Registries in which images are looked up before a deploy: what a tag stands for, the entry point, the user. No
     * other is asked. Whoever may deploy learns these of any image that the login can read.
     */
    registries?: Array<{
      /**
       * As images name it, with its port if it has one; `docker.io` is Docker Hub.
       * @visibility backend
       */
      host: string;
      /**
       * Further hosts that it sends us to, for tokens or what it stores elsewhere, such as
       * `pkg-containers.githubusercontent.com` for `ghcr.io`. Nobody else's redirects are followed.
       * @visibility backend
       */
      otherHosts?: string[];
      /**
       * Speak HTTP without TLS; false by default.
       * @visibility backend
       */
      insecure?: boolean;
      /**
       * Whether its hosts may be at private or local addresses; false by default.
       * @visibility backend
       */
      privateAddresses?: boolean;
      /**
       * For a login, with `password`.
       * @visibility backend
       */
      username?: string;
      /** @visibility secret */
      password?: string;
      /**
       * A token to send instead.
       * @visibility secret
       */
      token?: string;
    }>;

    /** What servers may be. */
    servers?: {
      /**
       * Whether a server may have `auth: none`, and be open to everybody who reaches it; false by default.
       * @visibility backend
       */
      allowAuthNone?: boolean;
      /**
       * Whether a server may have a load balancer of its own; false by default.
       * @visibility backend
       */
      allowLoadBalancer?: boolean;
      /** Hosts under which servers may be reached from outside; none by default. */
      hosts?: Array<{
        /**
         * A host, or `*.example.com` for any host one label below.
         * @visibility backend
         */
        pattern: string;
        /**
         * Owner (full entity reference) whose servers may use it; by default all.
         * @visibility backend
         */
        owner?: string;
      }>;
      /** What leads from outside to servers; what is left out is not offered. */
      exposure?: {
        ingress?: {
          /** @visibility backend */
          className?: string;
          /**
           * cert-manager's ClusterIssuer for `tls: {certManager: true}`.
           * @visibility backend
           */
          clusterIssuer?: string;
          /**
           * Annotations of every Ingress, such as time-outs for streams.
           * @visibility backend
           */
          annotations?: { [name: string]: string };
        };
        gateway?: {
          /** @visibility backend */
          name: string;
          /** @visibility backend */
          namespace?: string;
          /**
           * The one listener that serves them, by name: that with TLS, so that no token travels in the clear. By default all
           * listeners whose hosts match.
           * @visibility backend
           */
          sectionName?: string;
        };
      };
      /** Ways that NetworkPolicies open or close. */
      network?: {
        /**
         * Who reaches bridges: ranges of addresses, or pods by labels. The API server's nodes and what leads from outside
         * must be among them. By default everybody in the cluster.
         */
        sources?: Array<{
          /** @visibility backend */
          cidr?: string;
          /** @visibility backend */
          namespace?: { [label: string]: string };
          /** @visibility backend */
          pods?: { [label: string]: string };
        }>;
        /**
         * Public ranges of nodes, pods and Services, which `egress: internet` leaves out as it does all private ones.
         * @visibility backend
         */
        clusterRanges?: string[];
        /**
         * Private ranges that Specs may list in `network.to`.
         * @visibility backend
         */
        allowedRanges?: string[];
      };
      /** How Prometheus (its operator) finds servers. */
      podMonitor?: {
        /**
         * Whether servers have a PodMonitor whose Spec does not say; false by default. Needs its API in all clusters.
         * @visibility backend
         */
        everyServer?: boolean;
        /**
         * Labels by which Prometheus chooses PodMonitors.
         * @visibility backend
         */
        labels?: { [name: string]: string };
        /**
         * How often metrics are read, such as `30s`; by default as Prometheus has it.
         * @visibility backend
         */
        interval?: string;
      };
      /**
       * Kinds of objects that are not made: NetworkPolicy, PodDisruptionBudget.
       * @visibility backend
       */
      without?: Array<'NetworkPolicy' | 'PodDisruptionBudget'>;
    };

    /**
     * How much the servers of one owner may take together; nothing is limited by default. A stopped server counts as a
     * server only, one that is scaled by load counts with its most pods.
     */
    quota?: {
      /** For every owner, each for itself. */
      default?: {
        /**
         * Servers, stopped ones included.
         * @visibility backend
         */
        servers?: number | 'unlimited';
        /**
         * Pods.
         * @visibility backend
         */
        replicas?: number | 'unlimited';
        /**
         * CPU that the pods request, such as `2.5` or `500m`, or `unlimited`.
         * @visibility backend
         */
        cpu?: string | number;
        /**
         * Memory that the pods may use at most (their limits), such as `16Gi`, or `unlimited`.
         * @visibility backend
         */
        memory?: string | number;
      };
      /** For single owners; what is left out here is as in `default`. */
      owners?: Array<{
        /**
         * Full entity reference.
         * @visibility backend
         */
        owner: string;
        /** @visibility backend */
        servers?: number | 'unlimited';
        /** @visibility backend */
        replicas?: number | 'unlimited';
        /** @visibility backend */
        cpu?: string | number;
        /** @visibility backend */
        memory?: string | number;
      }>;
    };

    operations?: {
      /**
       * How long a deploy or another operation may take before it fails; 5 minutes by default.
       * @visibility backend
       */
      timeout?: string | HumanDuration;
      /**
       * Whether a server goes back to the revision that ran last when a deploy fails; true by default.
       * @visibility backend
       */
      automaticRollback?: boolean;
    };

    /** Servers whose pods run, but which do not answer MCP clients. */
    recovery?: {
      /**
       * Whether their pods are replaced without anybody asking; true by default. With false they are not asked at all.
       * @visibility backend
       */
      enabled?: boolean;
      /**
       * How long a server has to answer, and how often it is asked; 1 minute by default. One with a longer
       * `handshakeTimeout` in its Spec has that long.
       * @visibility backend
       */
      after?: string | HumanDuration;
    };

    /** What people are told by Backstage's notifications, where the portal has them. */
    notifications?: {
      /**
       * How long a server is failed or degraded until its owner hears of it; 2 minutes by default.
       * @visibility backend
       */
      downAfter?: string | HumanDuration;
    };

    /** What others change in the cluster. */
    drift?: {
      /**
       * Whether it is put right without anybody asking; false by default.
       * @visibility backend
       */
      repair?: boolean;
      /**
       * Field managers besides Kubernetes' own controllers that may change the objects of servers, such as the one of
       * a mesh that adds annotations.
       * @visibility backend
       */
      allowedManagers?: string[];
      /**
       * Time between two looks at servers of which no change was heard; 10 minutes by default.
       * @visibility backend
       */
      period?: string | HumanDuration;
    };

    /** How much is kept of what was. */
    history?: {
      /**
       * Revisions per server, besides labelled ones and the one that ran last; 50 by default.
       * @visibility backend
       */
      revisions?: number;
      /**
       * How long ended operations are kept, and all that is known of deleted servers; 90 days by default.
       * @visibility backend
       */
      operations?: string | HumanDuration;
      /**
       * How long rows of `audit_events` are kept; 365 days by default.
       * @visibility backend
       */
      audit?: string | HumanDuration;
      /**
       * How long counted calls are kept; 365 days by default.
       * @visibility backend
       */
      usage?: string | HumanDuration;
    };

    /**
     * Clusters that servers can run on. Each has one way in: `kubeconfig`, `inCluster: true`, or `url` with `token`.
     */
    clusters?: Array<{
      /**
       * Unique; the name that the Kubernetes plugin also uses.
       * @visibility backend
       */
      name: string;
      /**
       * For people; by default the name.
       * @visibility backend
       */
      title?: string;
      /**
       * Namespace that servers live in; `mcp-servers` by default.
       * @visibility backend
       */
      namespace?: string;
      /** Whether owners have namespaces of their own, and how those are made. */
      namespaces?: {
        /**
         * `shared`, all servers in `namespace`, or `perOwner`.
         * @visibility backend
         */
        strategy: 'shared' | 'perOwner';
        /**
         * What the names of owners' namespaces begin with, and of no other; `mcp-owner-` by default.
         * @visibility backend
         */
        prefix?: string;
        /**
         * ClusterRole that the backend binds itself to in each of them; `mcp-cloud-servers` by default.
         * @visibility backend
         */
        clusterRole?: string;
        /**
         * `spec.hard` of each one's ResourceQuota; by default 50 pods, 10 CPUs, and 20Gi of memory requested, 40Gi at most.
         * @visibility backend
         */
        quota?: { [resource: string]: string | number };
        /** What each one's LimitRange says of containers; by default 512Mi for those that say nothing. */
        limitRange?: {
          /** @visibility backend */
          default?: { [resource: string]: string | number };
          /** @visibility backend */
          defaultRequest?: { [resource: string]: string | number };
          /** @visibility backend */
          min?: { [resource: string]: string | number };
          /** @visibility backend */
          max?: { [resource: string]: string | number };
        };
      };
      /**
       * Path of a kubeconfig file.
       * @visibility backend
       */
      kubeconfig?: string;
      /**
       * Context of the kubeconfig; by default its current one.
       * @visibility backend
       */
      context?: string;
      /**
       * Use the service account of the pod that the backend runs in.
       * @visibility backend
       */
      inCluster?: boolean;
      /**
       * Address of the API server, with https.
       * @visibility backend
       */
      url?: string;
      /**
       * Token of a service account, for `url`.
       * @visibility secret
       */
      token?: string;
      /**
       * Certificate of the API server's authority, in base64, for `url`.
       * @visibility backend
       */
      caData?: string;
      /**
       * The same as a file.
       * @visibility backend
       */
      caFile?: string;
    }>;
  };
}
