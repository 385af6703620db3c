import { randomUUID } from 'node:crypto';
import {
  serverSpecSchema,
  type ServerSpecInput,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { RenderInput } from '../manifests/types';
import type { WriteGuard } from '../delivery/types';

/** Input for rendering a small server; for tests. */
export function testServer(
  spec: Partial<ServerSpecInput> & { image: string },
  rest: Partial<RenderInput> = {},
): RenderInput {
  return {
    id: randomUUID(),
    spec: serverSpecSchema.parse({
      name: 'probe',
      owner: 'group:default/team-a',
      cluster: 'test',
      resources: {
        requests: { cpu: '10m', memory: '64Mi' },
        limits: { memory: '512Mi' },
      },
      ...spec,
    }),
    revision: 1,
    replicas: 1,
    tokensNotBefore: 0,
    ...rest,
  };
}

/** A guard that always holds, or fails as `assertHeld` does; for tests. */
export function testGuard(
  fence: number,
  assertHeld: () => Promise<void> = async () => undefined,
): WriteGuard {
  return { fence, assertHeld };
}
