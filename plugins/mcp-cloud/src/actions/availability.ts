import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { TranslateFunction } from '../useText';

/** What can be done to a server from its page or its row. */
export type ActionName =
  | 'edit'
  | 'promote'
  | 'scale'
  | 'restart'
  | 'stop'
  | 'start'
  | 'delete';

/** Why an action cannot be taken now, in words, or `undefined` when it can. */
export function whyNot(
  action: ActionName,
  server: Server,
  t: TranslateFunction,
): string | undefined {
  // To promote takes the right to change the other server, which its dialog knows of.
  if (action === 'promote') {
    return server.status.state === 'Deleting'
      ? t('action.deleting')
      : undefined;
  }
  if (action === 'edit' && !server.allowed.includes('update')) {
    return t('action.notAllowedUpdate');
  }
  if (action === 'delete' && !server.allowed.includes('delete')) {
    return t('action.notAllowedDelete');
  }
  if (
    action !== 'edit' &&
    action !== 'delete' &&
    !server.allowed.includes('operate')
  ) {
    return t('action.notAllowedOperate');
  }
  if (server.status.state === 'Deleting') {
    return t('action.deleting');
  }
  if (
    server.runState === 'stopped' &&
    (action === 'stop' || action === 'restart' || action === 'scale')
  ) {
    return t('action.alreadyStopped');
  }
  if (server.runState === 'running' && action === 'start') {
    return t('action.alreadyRunning');
  }
  return undefined;
}

/** Why a server's logs cannot be read, or `undefined`. */
export function whyNoLogs(
  server: Server,
  t: TranslateFunction,
): string | undefined {
  return server.allowed.includes('logs')
    ? undefined
    : t('action.notAllowedLogs');
}
