import type { Person } from './Person.ts';
import { SignalSocket } from './SignalSocket.ts';

/** How often pages ask for what they show, without a signal. */
const PERIOD_MS = 10_000;

/** What the pages ask for again and again. */
const views = (server: string) => [
  '/servers',
  '/clusters',
  `/servers/${server}`,
  `/servers/${server}/status`,
  `/servers/${server}/pods`,
  `/servers/${server}/events`,
  `/servers/${server}/metrics`,
  `/servers/${server}/operations`,
];

/** Looks as open pages do: holds the socket, reads anew on each signal and every 10 s. Returns how to stop. */
export async function view(
  person: Person,
  server: string,
  count: () => void,
): Promise<() => void> {
  const read = () => {
    for (const path of views(server)) {
      count();
      person.send('GET', path).catch(() => {});
    }
  };
  const socket = await SignalSocket.open(person, read);
  const timer = setInterval(read, PERIOD_MS);
  read();
  return () => {
    clearInterval(timer);
    socket.close();
  };
}
