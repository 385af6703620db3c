import { compare, type Difference } from './compare.ts';
import type { Recording } from './record.ts';
import type { Server } from './server.ts';

const text = (value: unknown) => JSON.stringify(value) ?? 'nothing';

/** The place and both values, long ones from shortly before they part. */
function inLines({ at, direct: left, bridged: right }: Difference): string[] {
  const [a, b] = [text(left), text(right)];
  const parting = a.split('').findIndex((unit, i) => unit !== b[i]);
  const from = Math.max(0, parting - 100);
  return [
    `${at} differs`,
    `  direct:  ${a.slice(from, from + 500)}`,
    `  bridged: ${b.slice(from, from + 500)}`,
  ];
}

/** Calls that do not end as they are meant to, bridge or not. */
function unexpected(server: Server, recording: Recording): string[] {
  return server.calls.flatMap(({ tool, fails = false }, index) => {
    const { result, error } = recording.calls[index];
    const failed = error !== undefined || result?.isError === true;
    if (failed === fails) return [];
    const how = failed ? 'fails' : 'does not fail';
    return [`${tool} ${how} without the bridge: ${text(error ?? result)}`];
  });
}

/** What is not the same through the bridge, and what is not as it should be without it. */
export const problemsOf = (
  server: Server,
  direct: Recording,
  bridged: Recording,
): string[] => [
  ...compare(server, direct, bridged).flatMap(inLines),
  ...unexpected(server, direct),
];
