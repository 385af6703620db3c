import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  serverCreatePermission,
  serverResourcePermissions,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import {
  clusterProviderExtensionPoint,
  type ClusterProvider,
} from '@mcp-cloud/plugin-mcp-cloud-node';
import { registerActions } from './actions';
import { LiveClusters, readClusters } from './clusters';
import { createServices } from './createServices';
import { migrate } from './database/migrate';
import { DirectDelivery, DirectDrift, DirectPreview } from './delivery';
import { KnownDrift } from './drift/KnownDrift';
import { HttpImageRegistries, readRegistries } from './images';
import { readKeySecret } from './keys/readKeySecret';
import { SigningKeys } from './keys/SigningKeys';
import { SigningKeyStore } from './keys/SigningKeyStore';
import { PodLogs } from './logs';
import { renderManifests } from './manifests';
import { KubeProxyGateway } from './mcp';
import { MetricsSampler } from './metrics';
import { createNews } from './news/createNews';
import { readSettings } from './readSettings';
import { createRouter, UNAUTHENTICATED_PATHS } from './router/createRouter';
import { OpenStreams } from './router/OpenStreams';
import { podLogSource } from './router/podLogSource';
import { schedule } from './schedule';
import { KubernetesSecretStore } from './secrets';
import { LiveServerChanges } from './servers/LiveServerChanges';
import { ServerKeys } from './servers/ServerKeys';
import { serverResourceRef, serverRules } from './servers/permissionRules';
import { BridgeObserver, LiveStatusService, SignalPublisher } from './status';
import { warmSignals } from './warmSignals';

/** Hosts MCP servers on Kubernetes. */
export const mcpCloudPlugin = createBackendPlugin({
  pluginId: 'mcp-cloud',
  register(env) {
    const providers: ClusterProvider[] = [];
    env.registerExtensionPoint(clusterProviderExtensionPoint, {
      addClusterProvider: provider => void providers.push(provider),
    });

    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        rootLifecycle: coreServices.rootLifecycle,
        scheduler: coreServices.scheduler,
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { config, discovery, httpAuth, logger, lifecycle, signals } =
          deps;
        const settings = readSettings(config);
        const knex = await migrate(deps.database);
        const keySecret = readKeySecret(config, logger);
        const signer = await SigningKeys.create(
          new SigningKeyStore(knex, keySecret),
        );

        const found = await Promise.all(
          [readClusters(config), ...providers].map(provider =>
            provider.getClusters(),
          ),
        );
        const clusters = new LiveClusters({
          definitions: found.flat(),
          logger,
        });
        const sampler = new MetricsSampler({ clusters, logger });
        const knownDrift = new KnownDrift();
        const statuses = new LiveStatusService({
          clusters,
          drift: id => knownDrift.get(id),
          usage: (cluster, pod) => sampler.usage(cluster, pod),
        });
        const gateway = new KubeProxyGateway({ signer, logger });
        const observer = new BridgeObserver({ clusters, gateway, logger });
        const publisher = new SignalPublisher({ clusters, signals, logger });

        const serverKeys = new ServerKeys(knex);
        const { events, operationNews, stateNews } = createNews({
          ...deps,
          ...settings,
          knex,
          statuses,
        });
        const services = createServices({
          ...deps,
          ...settings,
          keySecret,
          knex,
          clusters,
          statuses,
          gateway,
          signer,
          delivery: new DirectDelivery(),
          deliveryPreview: new DirectPreview(),
          driftFinder: new DirectDrift(),
          knownDrift,
          registries: new HttpImageRegistries(readRegistries(config)),
          secretStore: new KubernetesSecretStore(),
          metrics: { metrics: server => sampler.view(server) },
          changes: new LiveServerChanges({ publisher, events }),
          news: operationNews,
          render: async (input, cluster) => {
            // Another replica may have made a key meanwhile, and bridges must know it before it signs.
            await signer.reload();
            const { namespace, apiHosts: allowedHosts } = cluster;
            const keys = await serverKeys.hashes(input.id);
            return renderManifests(
              { ...input, keys },
              {
                namespace,
                allowedHosts,
                publicKeys: signer.publicKeys(),
                ...settings.rules,
              },
            );
          },
          externalBaseUrl: () => discovery.getExternalBaseUrl('mcp-cloud'),
        });

        deps.permissionsRegistry.addPermissions([serverCreatePermission]);
        deps.permissionsRegistry.addResourceType({
          resourceRef: serverResourceRef,
          permissions: Object.values(serverResourcePermissions),
          rules: Object.values(serverRules),
          getResources: async ids => {
            const byId = new Map(
              (await services.store.findMany(ids)).map(row => [row.id, row]),
            );
            return ids.map(id => byId.get(id));
          },
        });

        const streams = new OpenStreams();
        const logs = podLogSource(new PodLogs({ clusters }));
        deps.httpRouter.use(
          createRouter({ ...services, httpAuth, gateway, logs, streams }),
        );
        registerActions({ ...deps, ...services, logs });
        UNAUTHENTICATED_PATHS.forEach(path =>
          deps.httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' }),
        );

        await schedule(deps.scheduler, {
          ...services,
          signer,
          stateNews,
          askMs: settings.recovery.afterMs,
        });
        deps.rootLifecycle.addStartupHook(async () =>
          warmSignals(await discovery.getBaseUrl('signals')),
        );
        const { runner, drift, usageCollector } = services;
        const background = [
          drift,
          usageCollector,
          clusters,
          sampler,
          observer,
          publisher,
          runner,
        ];
        lifecycle.addStartupHook(() => background.forEach(one => one.start()));
        lifecycle.addShutdownHook(async () => {
          streams.close();
          gateway.close();
          // The runner first: it gives its operations back, for which it needs the others no more.
          await runner.stop();
          await Promise.all(background.map(one => one.stop()));
        });
      },
    });
  },
});
