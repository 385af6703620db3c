import type { UsedCluster } from '../../clusters/types.ts';
import type { Images } from '../../portal/images.ts';
import type { Postgres } from '../../testing/postgres.ts';
import type { Backend } from './Backend.ts';
import type { Kube } from './Kube.ts';
import type { Person } from './Person.ts';
import type { Report } from './Report.ts';
import type { Spec } from './restModel.ts';

/** What all drills share. */
export interface Surroundings {
  cluster: UsedCluster;
  images: Images;
  kube: Kube;
  /** The PostgreSQL of the first two backends. */
  database: Postgres;
  /** The backend that most drills use, and a second one on the same PostgreSQL, which the drill that wants it starts. */
  first: Backend;
  second: Backend;
  /** One with a database of its own in files, as `./dev` has it; started by the drill that wants it. */
  embedded: Backend;
  /** Signs in at a backend that runs. */
  person(id: string, backend?: Backend): Promise<Person>;
  /** Reads the portal's own database. */
  query(sql: string): Promise<string>;
  /** The rows of a query in the database of a backend, of whichever kind that is. */
  rows<T>(backend: Backend, sql: string): Promise<T[]>;
  /** A Spec of the server for drills, of Alice's team. */
  spec(name: string, more?: Partial<Spec>): Spec;
}

/** How much the long drills do. */
export interface Amounts {
  kills: number;
  pauses: number;
  servers: number;
  /** With the same one, chance decides the same. */
  seed: number;
}

/** What a drill works with. */
export interface World extends Surroundings {
  report: Report;
  amounts: Amounts;
}

/** One part of the drills. */
export interface Drill {
  title: string;
  run(world: World): Promise<void>;
}
