/** How a registry wants to be signed in to, from its `WWW-Authenticate`. */
export function readChallenge(header: string): {
  scheme: string;
  realm?: string;
  service?: string;
} {
  const [scheme] = header.trim().split(/\s/, 1);
  const value = (name: string) =>
    new RegExp(`[\\s,]${name}="([^"]*)"`, 'i').exec(header)?.[1];
  return {
    scheme: scheme.toLowerCase(),
    realm: value('realm'),
    service: value('service'),
  };
}
