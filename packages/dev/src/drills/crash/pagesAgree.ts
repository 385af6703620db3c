import { until } from '../../../../dev-cluster/src/system/wait.ts';
import type { Person } from '../world/Person.ts';
import type { Server } from '../world/restModel.ts';
import { SignalSocket } from '../world/SignalSocket.ts';
import type { World } from '../world/World.ts';
import { withServer } from '../world/withServer.ts';
import { PREFIX } from './agreement.ts';

const SERVER = `${PREFIX}pages`;
const ROUNDS = 20;
/** Pages open at each backend. */
const PAGES = 10;

/** A page about one server: reads anew on each signal, and knows when it first showed the end of an operation. */
class Page {
  readonly #person: Person;
  readonly #ends = new Map<string, number>();
  #socket?: SignalSocket;

  constructor(person: Person) {
    this.#person = person;
  }

  async open(serverId: string): Promise<void> {
    const read = async () => {
      const { operation, status }: Server = await this.#person.server(SERVER);
      const right = operation?.finishedAt && status.state === 'Running';
      if (right && !this.#ends.has(operation.id)) {
        this.#ends.set(operation.id, Date.now());
      }
    };
    this.#socket = await SignalSocket.open(this.#person, id => {
      if (id === undefined || id === serverId) {
        read().catch(() => {}); // the next signal brings the next look
      }
    });
  }

  shown(operationId: string): number | undefined {
    return this.#ends.get(operationId);
  }

  close(): void {
    this.#socket?.close();
  }
}

/** Changes one server at one backend after the other. From the end of each change until every backend's page shows it. */
export async function pagesAgree(
  world: World,
  people: readonly Person[],
): Promise<number[]> {
  const lags: number[] = [];
  await withServer(people[0], world.spec(SERVER), async ({ serverId }) => {
    const pages = people.flatMap(person =>
      Array.from({ length: PAGES }, () => new Page(person)),
    );
    try {
      await Promise.all(pages.map(page => page.open(serverId)));
      for (let round = 0; round < ROUNDS; round += 1) {
        const person = people[round % people.length];
        const accepted = await person.scale(SERVER, 1 + ((round + 1) % 2));
        const { id, finishedAt } = await person.done(accepted);
        const end = Date.parse(finishedAt!);
        for (const page of pages) {
          const at = await until('a page that is right', () => page.shown(id), {
            seconds: 30,
            everyMs: 10,
          });
          lags.push(Math.max(0, at - end));
        }
      }
    } finally {
      pages.forEach(page => page.close());
    }
  });
  return lags;
}
