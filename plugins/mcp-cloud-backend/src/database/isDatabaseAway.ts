/** Of the connection: refused, broken, not made in time. PostgreSQL's own are its classes 08 and 57P. */
const CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08...|57P..)$/;

/** Whether an error of a query says that the database is not there, and not that it refused something. */
export function isDatabaseAway(error: unknown): boolean {
  const { name, code, message } = Object(error) as Partial<
    Error & { code: unknown }
  >;
  return (
    // The pool had no connection to give.
    name === 'KnexTimeoutError' ||
    CODES.test(String(code)) ||
    // So the driver says it, without a code.
    String(message).includes('Connection terminated')
  );
}
