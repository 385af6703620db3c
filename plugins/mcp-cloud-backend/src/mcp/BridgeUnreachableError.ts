/** No process in the pod holds the bridge's port, or the pod is not reached: nobody answered in the bridge's name. */
export class BridgeUnreachableError extends Error {
  override readonly name = 'BridgeUnreachableError';
}
