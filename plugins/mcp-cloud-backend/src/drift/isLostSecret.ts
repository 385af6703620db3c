import type { DriftedObject } from '@mcp-cloud/plugin-mcp-cloud-common';

/** Whether what is missing are secret values of a server: nobody but their owner can put them back. */
export function isLostSecret({ kind, name, drift }: DriftedObject): boolean {
  return kind === 'Secret' && drift === 'missing' && /--env-\d+$/.test(name);
}
