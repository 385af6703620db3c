export { DirectDelivery } from './DirectDelivery';
export { DirectPreview } from './DirectPreview';
export { LeaseLostError } from './LeaseLostError';
export type { Delivery, ObjectKey, SecretStore, WriteGuard } from './types';
export { DirectDrift } from './DirectDrift';
