/** The people of the demonstration. The same ones stand in examples/catalog/people.yaml. */
export interface Person {
  /** Name in the catalog, and the subject of its tokens. */
  id: string;
  name: string;
  email: string;
  /** What the sign-in page says of this person. */
  role: string;
}

export const people: readonly Person[] = [
  {
    id: 'alice',
    name: 'Alice Owner',
    email: 'alice@example.com',
    role: 'Team A: makes and runs her servers',
  },
  {
    id: 'bob',
    name: 'Bob Owner',
    email: 'bob@example.com',
    role: 'Team B: sees Alice’s servers, runs his own',
  },
  {
    id: 'carol',
    name: 'Carol Administrator',
    email: 'carol@example.com',
    role: 'Administrator: may do everything',
  },
];
