import type { Kube } from './Kube.ts';

/** Follows a pod's log at the API server itself, for comparison. Calls back with each line and when it came. */
export async function followPodLog(
  kube: Kube,
  pod: string,
  onLine: (line: string, at: number) => void,
): Promise<() => void> {
  const response = await kube.open(
    'GET',
    `${kube.in('api/v1/pods')}/${pod}/log?follow=true&tailLines=0`,
  );
  let rest = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const at = Date.now();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(line => onLine(line, at));
  });
  response.on('error', () => {}); // our own end of it
  return () => response.destroy();
}
