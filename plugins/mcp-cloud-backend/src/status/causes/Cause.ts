/** Why a pod does not come up, in the words of a status. */
export interface Cause {
  reason: string;
  message: string;
  hint: string;
  stderr?: string[];
}
