import type { Ports } from './settings.ts';
import { appUrl, portalUrl } from './settings.ts';

/** A person's Backstage token, by the same way as in a browser: sign in at the provider, choose the person. */
export async function signIn(ports: Ports, person: string): Promise<string> {
  const backend = portalUrl(ports);
  const jar = new Map<string, string>();

  /** A request with the cookies so far, redirects followed by hand. */
  async function go(
    url: string | URL,
    init: RequestInit = {},
  ): Promise<{ response: Response; url: string }> {
    const cookie = [...jar]
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie },
      signal: AbortSignal.timeout(30_000),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) {
        jar.set(name, value);
      } else {
        jar.delete(name);
      }
    }
    const location = response.headers.get('location');
    return location
      ? go(new URL(location, url))
      : { response, url: String(url) };
  }

  const scope = encodeURIComponent('openid profile email offline_access');
  // `origin` must be the page's own, else the backend sets no cookie.
  const start = `/api/auth/oidc/start?env=development&scope=${scope}&origin=${appUrl(
    ports,
  )}&flow=popup`;
  const { url: interaction } = await go(`${backend}${start}`);
  await go(`${interaction}/${person}`, { method: 'POST' });
  const { response } = await go(
    `${backend}/api/auth/oidc/refresh?optional&env=development`,
    {
      headers: { 'X-Requested-With': 'XMLHttpRequest' }, // refused without it
    },
  );
  const session = (await response.json()) as {
    backstageIdentity?: { token: string };
  };
  if (!session.backstageIdentity) {
    throw new Error(
      `${person} could not sign in: ${JSON.stringify(session).slice(0, 500)}`,
    );
  }
  return session.backstageIdentity.token;
}
