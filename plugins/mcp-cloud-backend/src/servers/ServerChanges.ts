/** Tells pages and other plugins that something of a server changed. */
export interface ServerChanges {
  /** An operation of the server went on. */
  changed(serverId: string): void;
  /** A server came, went or said something new of itself, or its revision is another one. */
  listChanged(serverId: string): void;
}
