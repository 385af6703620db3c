import type { Socket } from 'node:net';
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';

/** What an answer that is on its way gets to come to its end. */
const GRACE_MS = 1_000;

/**
 * Cuts what is still connected soon after a shutdown has begun. By itself the HTTP server waits for every request,
 * and those of the event bus are held open for up to a minute: most platforms kill a process before that.
 */
export const promptShutdown = rootHttpRouterServiceFactory({
  configure({ applyDefaults, lifecycle, server }) {
    applyDefaults();
    // The server itself loses sight of a connection that became a WebSocket.
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    lifecycle.addShutdownHook(() => {
      setTimeout(() => sockets.forEach(socket => socket.destroy()), GRACE_MS);
    });
  },
});
