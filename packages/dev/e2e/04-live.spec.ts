import { expect, test, type Page } from '@playwright/test';
import { Person } from './support/api.ts';
import { alice, signIn } from './support/browser.ts';
import { killPod, podsOf } from './support/kubernetes.ts';
import { ServerPage } from './support/serverPage.ts';

const name = 'live';
const SAMPLES = 20;

/** Waits in the page itself, so that only the page's own time counts; gives the time of the frame that showed it. */
function goneAt(page: Page, pod: string): Promise<number> {
  return page.evaluate(
    wanted =>
      new Promise<number>(resolve => {
        const look = () => {
          const row = [...document.querySelectorAll('code')]
            .find(one => one.textContent === wanted)
            ?.closest('tr,[role=row]');
          if (!row || /Terminating|not ready/.test(row.textContent ?? '')) {
            resolve(Date.now());
          } else {
            requestAnimationFrame(look);
          }
        };
        look();
      }),
    pod,
  );
}

test('a change in the cluster is on the page soon', async ({ page }) => {
  test.setTimeout(600_000);
  const owner = await Person.named('alice');
  const { id } = await owner.deploy(name, 'group:default/team-a', 2);
  try {
    await signIn(page, alice);
    const server = await new ServerPage(page, name).open();
    const times: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      await expect(server.head.getByText('2 of 2 pods ready')).toBeVisible({
        timeout: 60_000,
      });
      await expect(server.pods).toHaveCount(2);
      const [victim] = await podsOf(id);
      const seen = goneAt(page, victim);
      // From before the request that makes the change: the page may be quicker than its answer.
      const begun = Date.now();
      await killPod(victim);
      times.push((await seen) - begun);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.ceil(share * times.length) - 1];
    process.stdout.write(
      `change to pixel over ${SAMPLES} changes: p50 ${at(0.5)} ms, p95 ${at(
        0.95,
      )} ms, max ${at(1)} ms\n`,
    );
    expect(times).toHaveLength(SAMPLES);
  } finally {
    await owner.remove(name);
  }
});
