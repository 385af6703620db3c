import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, JWK, KeyLike, SignJWT } from 'jose';
import { unixNow } from './tokens';

export const RESOURCE = 'https://mcp.example/servers/weather/mcp';

/** An OAuth issuer with metadata and keys, as a bridge sees it. */
export class OAuthIssuer {
  /** Requests for keys so far. */
  fetches = 0;
  silent = false;
  private kid = 0;
  private jwks: JWK[] = [];
  private privateKey?: KeyLike;

  private constructor(private readonly server: Server, readonly url: string) {}

  static async start(): Promise<OAuthIssuer> {
    const server = createServer();
    await new Promise<void>(resolve =>
      server.listen(0, '127.0.0.1', () => resolve()),
    );
    const { port } = server.address() as AddressInfo;
    const issuer = new OAuthIssuer(server, `http://127.0.0.1:${port}/tenant`);
    server.on('request', (req, res) => {
      const found = issuer.answer(req.url ?? '');
      res.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
      res.end(JSON.stringify(found ?? {}));
    });
    await issuer.rotate();
    return issuer;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Signs with a new key from now on, and forgets the old. */
  async rotate(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    this.kid++;
    this.jwks = [
      { ...(await exportJWK(publicKey)), kid: `k${this.kid}`, alg: 'ES256' },
    ];
    this.privateKey = privateKey;
  }

  /** The setting of a bridge that trusts this issuer. */
  auth(overrides: object = {}) {
    return {
      mode: 'jwt',
      jwt: { issuer: this.url, resource: RESOURCE, ...overrides },
    };
  }

  async bearer(claims: Record<string, unknown> = {}) {
    const payload = {
      iss: this.url,
      aud: RESOURCE,
      sub: 'alice',
      exp: unixNow() + 600,
      ...claims,
    };
    if (!this.privateKey) throw new Error('rotate first');
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', kid: `k${this.kid}` })
      .sign(this.privateKey);
    return { authorization: `Bearer ${token}` };
  }

  private answer(path: string): unknown {
    if (this.silent) return undefined;
    if (path === '/tenant/.well-known/openid-configuration')
      return { issuer: this.url, jwks_uri: `${this.url}/keys` };
    if (path !== '/tenant/keys') return undefined;
    this.fetches++;
    return { keys: this.jwks };
  }
}
