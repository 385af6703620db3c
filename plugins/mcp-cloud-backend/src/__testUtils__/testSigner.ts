import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { TokenSigner } from '../keys/types';
import type { PublicJwk } from '../manifests/types';

/** A signer with a key pair of its own, without a database; for tests. */
export async function testSigner(): Promise<
  Pick<TokenSigner, 'sign' | 'publicKeys'>
> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', {
    crv: 'Ed25519',
  });
  const { x } = await exportJWK(publicKey);
  const kid = 'test';
  return {
    sign: async ({ audience, subject, ttlSeconds }) => {
      const expiresAt = new Date(Date.now() + ttlSeconds * 1000);
      const token = await new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .setIssuer('mcp-cloud')
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
        .sign(privateKey);
      return { token, expiresAt };
    },
    publicKeys: () => [
      { kty: 'OKP', crv: 'Ed25519', kid, x: x! } satisfies PublicJwk,
    ],
  };
}
