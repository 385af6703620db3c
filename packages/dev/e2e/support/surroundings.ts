import { portsFrom, portalUrl } from '../../src/portal/settings.ts';

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set. These tests are run by ./test e2e.`);
  }
  return value;
}

/** Where the portal and the cluster under test are. */
export const ports = portsFrom(Number(new URL(required('PORTAL')).port));
export const portal = portalUrl(ports);
export const cluster = required('MCP_CLOUD_TEST_CLUSTER');
export const adminKubeconfig = required('MCP_CLOUD_TEST_ADMIN_KUBECONFIG');
export const image = required('MCP_CLOUD_TEST_IMAGE');
export const registry = required('MCP_CLOUD_TEST_REGISTRY');
export const namespace = 'mcp-servers';
