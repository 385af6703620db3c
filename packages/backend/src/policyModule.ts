import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { PortalPolicy } from './policy/PortalPolicy';

/** Puts this portal's policy into the permission plugin. */
export default createBackendModule({
  pluginId: 'permission',
  moduleId: 'mcp-cloud-policy',
  register(reg) {
    reg.registerInit({
      deps: { policy: policyExtensionPoint, config: coreServices.rootConfig },
      async init({ policy, config }) {
        policy.setPolicy(
          new PortalPolicy(
            config.getOptionalStringArray('mcpCloud.administrators') ?? [],
          ),
        );
      },
    });
  },
});
