export { PodLogs, type PodLogQuery } from './PodLogs';
export { readableLine } from './readableLine';
