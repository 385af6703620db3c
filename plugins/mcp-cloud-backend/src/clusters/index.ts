export { HttpKubeApi } from './HttpKubeApi';
export { KubeApiError } from './KubeApiError';
export { LiveClusters } from './LiveClusters';
export { DEFAULT_NAMESPACE, readClusters } from './readClusters';
