import { decodeJwt } from 'jose';
import type { Request } from 'express';

/** The token of `Authorization: Bearer …`. */
export function bearerToken(req: Request): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
}

/** When a token that has been verified already ends; nothing for tokens that are no JWT. */
export function expiryOf(token: string | undefined): Date | undefined {
  try {
    const { exp } = decodeJwt(token ?? '');
    return exp === undefined ? undefined : new Date(exp * 1000);
  } catch {
    return undefined;
  }
}
