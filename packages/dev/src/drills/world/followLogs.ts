import { openStream, type OpenStream } from './openStream.ts';
import type { Person } from './Person.ts';

/** Follows the log as the page does. */
export function followLogs(
  person: Person,
  server: string,
): Promise<OpenStream> {
  return openStream(
    'GET',
    `${person.base}/servers/${server}/logs?follow=true&tailLines=0`,
    {
      Authorization: `Bearer ${person.token}`,
      Accept: 'text/event-stream',
      'Accept-Encoding': 'br',
    },
  );
}
