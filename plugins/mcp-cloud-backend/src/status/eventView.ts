import type { CoreV1Event } from '@kubernetes/client-node';
import type { EventView } from '@mcp-cloud/plugin-mcp-cloud-common';
import { eventTime } from '../clusters/EventIndex';

/** An event as pages show it. */
export function eventView(event: CoreV1Event): EventView {
  return {
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: event.series?.count ?? event.count ?? 1,
    lastAt: new Date(eventTime(event)).toISOString(),
    object: {
      kind: event.involvedObject.kind ?? '',
      name: event.involvedObject.name ?? '',
    },
  };
}
