export * from './readSpec';
export * from './serverSpec';
export * from './promotion';
export { MAX_REPLICAS, replicasSchema } from './scaling';
export { envNameSchema, envValueSchema, imageSchema } from './values';
export { MAX_ENV_VALUE_LENGTH } from './values';
