import { people } from '../people.ts';
import { until } from '../../../dev-cluster/src/system/wait.ts';
import { signIn } from './session.ts';
import { portalUrl, type Ports } from './settings.ts';

/** The groups that the portal knows a person by, as of this sign-in. */
async function groupsOf(ports: Ports, person: string): Promise<string[]> {
  const token = await signIn(ports, person);
  const response = await fetch(`${portalUrl(ports)}/api/auth/v1/userinfo`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  const { claims } = (await response.json()) as { claims: { ent: string[] } };
  return claims.ent.filter(ref => ref.startsWith('group:'));
}

/**
 * A fresh catalog learns of people only some seconds after the backend is ready, and of their groups a little later.
 * Whoever signs in before is refused, or owns nothing.
 */
export async function waitForPeople(ports: Ports): Promise<void> {
  for (const { id } of people) {
    await until(
      `${id} in the catalog`,
      async () => (await groupsOf(ports, id)).length > 0,
      {
        seconds: 120,
        everyMs: 1000,
      },
    );
  }
}
