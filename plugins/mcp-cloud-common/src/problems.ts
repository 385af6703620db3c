/** The HTTP status of an error that {@link McpCloudClient} threw; `undefined` when there was no answer at all. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** An error in the backend's own words; a `ResponseError` itself says just "Request failed with 409 Conflict". */
export function problemText(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = statusOf(error) === undefined ? undefined : error.cause;
  return cause instanceof Error && cause.message
    ? cause.message
    : error.message;
}
