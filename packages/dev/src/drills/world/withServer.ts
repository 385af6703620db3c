import type { Person } from './Person.ts';
import type { Spec, Operation } from './restModel.ts';

/** Deploys a server, lends it, and deletes it in any case. */
export async function withServer(
  person: Person,
  spec: Spec,
  work: (deployed: Operation) => Promise<void>,
  replicas = 1,
): Promise<void> {
  await removeServer(person, spec.name);
  try {
    await work(await person.done(await person.deploy(spec, { replicas })));
  } finally {
    await removeServer(person, spec.name);
  }
}

/** Deletes a server if there is one: also what an earlier run left behind. */
export async function removeServer(
  person: Person,
  name: string,
): Promise<void> {
  const { status } = await person.send('GET', `/servers/${name}`);
  if (status === 404) {
    return;
  }
  const { operation } = await person.server(name);
  const isLeaving =
    operation?.kind === 'delete' && operation.state !== 'failed';
  await person.done(isLeaving ? operation : await person.delete(name), 120);
}
