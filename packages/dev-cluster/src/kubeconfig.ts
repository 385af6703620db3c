export interface Credentials {
  context: string;
  server: string;
  ca: string;
  certificate: string;
  key: string;
}

/** A kubeconfig for one cluster and one user. JSON is YAML too, so no library is needed. */
export function renderKubeconfig({
  context,
  server,
  ca,
  certificate,
  key,
}: Credentials): string {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: context,
        cluster: { server, 'certificate-authority-data': base64(ca) },
      },
    ],
    users: [
      {
        name: context,
        user: {
          'client-certificate-data': base64(certificate),
          'client-key-data': base64(key),
        },
      },
    ],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    'current-context': context,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
