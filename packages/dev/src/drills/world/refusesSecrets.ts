import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BACKEND } from '../../portal/services.ts';
import type { Person } from './Person.ts';
import type { World } from './World.ts';

const FRESH = 'drill-away-new';
const VALUE = randomBytes(24).toString('hex');

/** A secret that cannot be kept is refused with what to do, and nothing is left of the request. */
export async function refusesSecrets(
  { report, spec }: World,
  person: Person,
): Promise<void> {
  await report.check('a secret written meanwhile is refused', async () => {
    const { status, body, ms } = await person.send<{
      error?: { message?: string };
    }>('POST', '/servers', {
      spec: spec(FRESH, { secrets: ['TOKEN'] }),
      secretValues: { TOKEN: VALUE },
    });
    const words = body.error?.message ?? '';
    report.figure(`${status} after ${Math.round(ms)} ms: ${words}`);
    assert.equal(status, 503);
    assert.match(words, /again/);
  });
}

/** To be asked when all is there again. */
export async function keptNothing(
  { first, kube, report }: World,
  person: Person,
): Promise<void> {
  await report.check('nothing is left of what was refused', async () => {
    const { status } = await person.send('GET', `/servers/${FRESH}`);
    assert.equal(status, 404);
    assert.deepEqual(await kube.objectsOf({ name: FRESH }), []);
    const log = readFileSync(first.state.log(BACKEND), 'utf8');
    assert.ok(!log.includes(VALUE), 'the value is in the log');
  });
}
