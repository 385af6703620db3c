import type { Timestamp } from './model';

/** Calls of tools, and when the last one was. */
interface Calls {
  calls: number;
  lastCallAt: Timestamp;
}

/** Who called which tools of a server how often, since a time. */
export interface ServerUsage {
  since: Timestamp;
  calls: number;
  /** Missing when there was no call since then. */
  lastCallAt?: Timestamp;
  /** Hours with calls, oldest first; each is named by its beginning. */
  byHour: Array<{ hour: Timestamp; calls: number }>;
  /** Most calls first. A principal is an entity reference, or what another way in calls its callers. */
  byPrincipal: Array<Calls & { principal: string }>;
  byTool: Array<Calls & { tool: string }>;
}
