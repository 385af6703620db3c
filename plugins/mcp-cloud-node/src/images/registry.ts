import { InputError } from '@backstage/errors';

const REGISTRY =
  /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

/** Checks the registry of the configuration: host, optional port, optional path. */
export function checkRegistry(registry: string): string {
  if (!REGISTRY.test(registry)) {
    throw new InputError(
      `mcpCloud.images.registry is "${registry}". Write host, host:port or host/path, without a scheme, such as registry.example.com/mcp.`,
    );
  }
  return registry;
}

/** The host with its port, which is what builders call a registry. */
export function registryHost(registry: string): string {
  return registry.split('/')[0];
}

/** Whether the registry is on this machine, where plain HTTP is the custom and safe. */
export function isLoopback(registry: string): boolean {
  const host = registryHost(registry).replace(/:\d+$/, '');
  return (
    host === 'localhost' ||
    host === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}
