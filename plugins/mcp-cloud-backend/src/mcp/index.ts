export { KubeProxyGateway } from './KubeProxyGateway';
export type { BridgeGateway } from './types';
