/** Hears of operations by their ids, once the database has it; whatever it does is its own affair, and must not throw. */
export interface OperationListener {
  accepted(id: string): void;
  /** In whichever way. */
  ended(id: string): void;
}
