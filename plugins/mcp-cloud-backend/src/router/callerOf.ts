import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Request } from 'express';
import type { Caller } from '../servers/Caller';

/** The caller by Backstage credentials: a user, or a service. Throws `AuthenticationError` (401) for none. */
export async function callerOf(
  httpAuth: HttpAuthService,
  request: Request,
): Promise<Caller> {
  const credentials = await httpAuth.credentials(request, {
    allow: ['user', 'service'],
  });
  const key = request.get('Idempotency-Key');
  return {
    credentials,
    request,
    ...(key !== undefined && {
      idempotency: {
        key,
        request: JSON.stringify([request.method, request.path, request.body]),
      },
    }),
  };
}
