export { HostedServer, type HostedServerOptions } from './HostedServer';
export { relay } from './relay';
export { SignIn, type SignInOptions } from './SignIn';
