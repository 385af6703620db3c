import type { UsedCluster } from '../clusters/types.ts';
import { readJson, writeJson } from '../../../dev-cluster/src/system/files.ts';
import { DEFAULT_PORT, portsFrom, type Ports } from './settings.ts';
import type { StateDir } from './stateDir.ts';

/** What has to be remembered of a portal between two commands. */
export interface PortalRecord {
  ports: Ports;
  cluster?: UsedCluster;
  /** Namespaces of the cluster that were made for this portal. */
  madeNamespaces?: string[];
}

export const readRecord = (state: StateDir): PortalRecord =>
  readJson<PortalRecord>(state.portal) ?? { ports: portsFrom(DEFAULT_PORT) };

export const writeRecord = (state: StateDir, record: PortalRecord) =>
  writeJson(state.portal, record);
