export { BridgeObserver } from './BridgeObserver';
export { deriveStatus } from './deriveStatus';
export { LiveStatusService, type PodUsage } from './LiveStatusService';
export { SignalPublisher } from './SignalPublisher';
export type { DesiredServer, ServerStatusService } from './types';
