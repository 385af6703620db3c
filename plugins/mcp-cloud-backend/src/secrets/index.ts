export { KubernetesSecretStore } from './KubernetesSecretStore';
