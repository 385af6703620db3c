import { serverSpecSchema, type ServerSpec } from './serverSpec';

/**
 * What becomes of a field when a server's revision is promoted to another environment: `promoted` comes from there,
 * as it belongs to what is built and tried; `kept` stays as it is here, as it belongs to the environment; `merged`
 * has entries with names, of which those that are here stay as they are and the others come along.
 */
export type PromotionRule = 'promoted' | 'kept' | 'merged';

/** The rule of each field of the Spec. */
export const promotionRules: Readonly<Record<keyof ServerSpec, PromotionRule>> =
  {
    apiVersion: 'promoted',
    name: 'kept',
    application: 'kept',
    environment: 'kept',
    owner: 'kept',
    system: 'kept',
    cluster: 'kept',
    image: 'promoted',
    imagePullSecrets: 'kept',
    command: 'promoted',
    args: 'promoted',
    workingDir: 'promoted',
    runAsUser: 'promoted',
    env: 'merged',
    secrets: 'merged',
    envFrom: 'merged',
    files: 'merged',
    catalogRef: 'kept',
    resources: 'kept',
    scaling: 'kept',
    verticalScaling: 'kept',
    podMonitor: 'kept',
    volumes: 'merged',
    serviceAccount: 'kept',
    labels: 'kept',
    placement: 'kept',
    probes: 'promoted',
    service: 'kept',
    exposure: 'kept',
    network: 'kept',
    transport: 'promoted',
    bridge: 'promoted',
    handshake: 'promoted',
    handshakeTimeout: 'promoted',
    stopGrace: 'promoted',
    auth: 'kept',
    jwt: 'kept',
    isolation: 'promoted',
    era: 'promoted',
    limits: 'promoted',
    tools: 'kept',
    headerEnv: 'promoted',
    allowedOrigins: 'kept',
    logLevel: 'kept',
  };

/**
 * The Spec of a server after the Spec of another environment was promoted to it. Variables are one set of names,
 * however they get their values: one that is a secret here stays a secret, also when it is plain text there.
 * The two may not fit together, so the result is to be checked as any Spec is.
 */
export function promoteSpec(from: ServerSpec, to: ServerSpec): ServerSpec {
  const here = new Set([
    ...Object.keys(to.env),
    ...Object.keys(to.envFrom),
    ...to.secrets,
  ]);
  const newcomers = <T>(variables: Record<string, T>) =>
    Object.fromEntries(
      Object.entries(variables).filter(([name]) => !here.has(name)),
    );
  const promoted = Object.fromEntries(
    Object.keys(serverSpecSchema.innerType().shape)
      .filter(field => promotionRules[field as keyof ServerSpec] === 'promoted')
      .map(field => [field, from[field as keyof ServerSpec]]),
  );
  return {
    ...to,
    ...promoted,
    env: { ...newcomers(from.env), ...to.env },
    envFrom: { ...newcomers(from.envFrom), ...to.envFrom },
    secrets: [...to.secrets, ...from.secrets.filter(name => !here.has(name))],
    files: { ...from.files, ...to.files },
    volumes: { ...from.volumes, ...to.volumes },
  };
}
