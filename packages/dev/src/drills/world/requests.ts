import { sleep } from '../../../../dev-cluster/src/system/wait.ts';
import type { World } from './World.ts';

/** A kind of request to the API server, as it counts them. */
export interface Counted {
  verb: string;
  resource: string;
  subresource: string;
}

/** Requests to the API server so far, by verb and resource. */
async function requestsSoFar(
  { kube }: World,
  counts: (request: Counted) => boolean,
): Promise<Map<string, number>> {
  const { text } = await kube.request('GET', '/metrics');
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('apiserver_request_total{')) {
      const label = (name: string) =>
        new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
      const request = {
        verb: label('verb'),
        resource: [label('resource'), label('group')].filter(Boolean).join('.'),
        subresource: label('subresource'),
      };
      if (counts(request)) {
        const name = `${request.verb} ${request.resource}`;
        const value = Number(line.slice(line.lastIndexOf(' ')));
        sums.set(name, (sums.get(name) ?? 0) + value);
      }
    }
  }
  return sums;
}

/** Requests to the API server within a time, by verb and resource. */
export async function requestsWithin(
  world: World,
  ms: number,
  counts: (request: Counted) => boolean,
): Promise<Map<string, number>> {
  const before = await requestsSoFar(world, counts);
  await sleep(ms);
  const after = await requestsSoFar(world, counts);
  return new Map(
    [...after]
      .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

export const totalOf = (requests: Map<string, number>) =>
  [...requests.values()].reduce((sum, count) => sum + count, 0);

export const inWords = (requests: Map<string, number>) =>
  [...requests].map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
