/** Something that differs from run to run, without a bridge too. */
export interface Varies {
  /** JSON pointer (RFC 6901) into the result. */
  readonly at: string;
  /** The parts of the string there that differ; without it the whole value does. */
  readonly part?: RegExp;
  readonly why: string;
}

export interface Call {
  readonly tool: string;
  readonly arguments?: Record<string, unknown>;
  /** The answer is meant to be an error, and the same one. */
  readonly fails?: true;
  readonly varies?: readonly Varies[];
}

/** A published stdio server, and what is asked of it. */
export interface Server {
  readonly registry: 'npm' | 'pypi';
  readonly package: string;
  readonly version: string;
  /** Releases that it needs and does not ask for itself, as `name` and version. */
  readonly with?: Readonly<Record<string, string>>;
  /** The command that the package installs. */
  readonly bin: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Fills the empty scratch folder before each run. */
  prepare?(): void;
  /** Made one after the other in one session. Without any, all of them need the internet or a browser. */
  readonly calls: readonly Call[];
}
