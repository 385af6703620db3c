import { sleep } from '../../../../dev-cluster/src/system/wait.ts';
import type { Answer, Person } from '../world/Person.ts';
import type { Operation, Server, Spec } from '../world/restModel.ts';
import type { Chance } from './Chance.ts';
import type { Ledger } from './Ledger.ts';

/** What a server is to be like, by all that was promised of it. */
interface Wanted {
  /** The value of the variable VALUE in each revision, from the first on. */
  values: number[];
  replicas: number;
  runState: 'running' | 'stopped';
}

interface Change {
  method: string;
  path: string;
  body?: unknown;
  /** What becomes of the server once this is promised. */
  then(): void;
}

/** Answers of a backend whose plugins are not all there yet. */
const isOfStart = ({ status, body }: Answer) =>
  status === 401 ||
  status === 403 ||
  (status === 404 &&
    !/There is no (server|operation)/.test(JSON.stringify(body)));

/** One server, its changes one after the other, and whoever sends them: each is sent until there is an answer. */
export class Hand {
  readonly #spec: Spec;
  readonly #ledger: Ledger;
  readonly #chance: Chance;
  /** At each of the backends, whether or not it runs. */
  readonly #people: () => Person[];
  #wanted?: Wanted;
  #count = 0;

  constructor(options: {
    spec: Spec;
    ledger: Ledger;
    chance: Chance;
    people: () => Person[];
  }) {
    this.#spec = options.spec;
    this.#ledger = options.ledger;
    this.#chance = options.chance;
    this.#people = options.people;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Goes on until it is told to stop. What it began it finishes. */
  async work(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const promised = await this.#send(this.#choose());
      if (promised && (!this.#wanted || this.#chance.next() < 0.5)) {
        await this.#ended(promised);
      } else {
        await sleep(this.#chance.between(0, 2_000));
      }
    }
  }

  /** What of a server is otherwise than it was promised. Nothing is said of a server that is to be gone. */
  differences(server: (Server & { spec: Spec }) | undefined): string[] {
    const wanted = this.#wanted;
    if (!wanted || !server) {
      const is = (there: unknown) => (there ? 'there' : 'gone');
      return Boolean(wanted) === Boolean(server)
        ? []
        : [`${this.name} is ${is(server)}, not ${is(wanted)}`];
    }
    const pairs = [
      ['revision', server.revision, wanted.values.length],
      ['VALUE', server.spec.env?.VALUE, String(wanted.values.at(-1))],
      ['replicas', server.replicas, wanted.replicas],
      ['runState', server.runState, wanted.runState],
    ];
    return pairs
      .filter(([, is, promised]) => is !== promised)
      .map(([what, is, promised]) => `${what} is ${is}, not ${promised}`)
      .map(words => `${this.name}: ${words}`);
  }

  #choose(): Change {
    const { name } = this.#spec;
    const wanted = this.#wanted;
    const value = (this.#count += 1);
    const spec = { ...this.#spec, env: { VALUE: String(value) } };
    const replicas = this.#chance.between(1, 2);
    const on = `/servers/${name}`;
    if (!wanted) {
      const then = () => {
        this.#wanted = { values: [value], replicas, runState: 'running' };
      };
      const secretValues = spec.secrets && { TOKEN: `of ${value}` };
      const body = { spec, replicas, secretValues };
      return { method: 'POST', path: '/servers', body, then };
    }
    const { values } = wanted;
    const to = this.#chance.between(1, values.length);
    const post = (verb: string, body: unknown, then: () => void): Change => ({
      method: 'POST',
      path: `${on}/${verb}`,
      body,
      then,
    });
    const deploy: Change = {
      method: 'PUT',
      path: on,
      body: { spec },
      then: () => values.push(value),
    };
    const scale = post('scale', { replicas }, () => {
      wanted.replicas = replicas;
    });
    const turn =
      wanted.runState === 'stopped'
        ? post('start', undefined, () => (wanted.runState = 'running'))
        : post('stop', undefined, () => (wanted.runState = 'stopped'));
    const restart = post('restart', undefined, () => {});
    const rollback = post('rollback', { revision: to }, () =>
      values.push(values[to - 1]),
    );
    const remove: Change = {
      method: 'DELETE',
      path: on,
      then: () => (this.#wanted = undefined),
    };
    return this.#chance.oneOf([
      ...[deploy, deploy, scale, scale, turn, turn],
      ...[restart, restart, rollback, remove],
    ]);
  }

  async #send({ method, path, body, then }: Change) {
    const key = `${this.name}-${this.#count}`;
    const answer = await this.#insist<{ operation: Operation }>(
      person =>
        person.send(method, path, body, {
          'Idempotency-Key': key,
          ...(method === 'PUT' && { 'If-Match': '*' }),
        }),
      attempt => (this.#ledger.repeated += attempt === 0 ? 1 : 0),
    );
    if (answer.status === 202) {
      this.#ledger.acknowledge(answer.body.operation);
      then();
      return answer.body.operation;
    }
    if (answer.status !== 409) {
      const words = JSON.stringify(answer.body);
      throw new Error(`${method} ${path}: ${answer.status} ${words}`);
    }
    this.#ledger.refused += 1;
    return undefined;
  }

  async #ended({ id }: Operation): Promise<void> {
    for (;;) {
      const { status, body } = await this.#insist<Operation>(person =>
        person.send('GET', `/operations/${id}`),
      );
      if (status === 404) {
        return; // told in the end, by the ledger
      }
      if (body.finishedAt) {
        return;
      }
      await sleep(300);
    }
  }

  /** Sends until a backend has answered that is in its senses. */
  async #insist<T>(
    send: (person: Person) => Promise<Answer>,
    onRepeat: (attempt: number) => void = () => {},
  ): Promise<Answer<T>> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await send(this.#chance.oneOf(this.#people()));
        if (answer.status < 500 && !isOfStart(answer)) {
          return answer as Answer<T>;
        }
      } catch {
        // No connection, or the answer was lost with the backend.
      }
      onRepeat(attempt);
      await sleep(250);
    }
  }
}
