import { useState } from 'react';

/** Runs a request once at a time and keeps its error, in the backend's words. */
export function useSubmit<T, Args extends unknown[] = []>(
  request: (...args: Args) => Promise<T>,
  onDone: (result: T) => void,
) {
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();
  const submit = async (...args: Args) => {
    setPending(true);
    setError(undefined);
    try {
      onDone(await request(...args));
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
    } finally {
      setPending(false);
    }
  };
  return { submit, isPending, error, forget: () => setError(undefined) };
}
