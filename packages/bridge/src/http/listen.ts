import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { UsageError } from '../config/flags';
import type { Certificates } from './Certificates';
import type { Logger } from '../observability/logger';
import { requestIdOf } from './requestId';

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** What turns a request into something else than HTTP. */
export interface Upgrade {
  /** Requests that offer it without being wanted are served as if they did not. */
  readonly wanted: (req: IncomingMessage) => boolean;
  readonly handle: (
    req: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ) => Promise<void>;
}

const OPTIONS = { keepAliveTimeout: 65_000, noDelay: true };

/** Runs a handler, which can fail without taking the process along. */
function guarded(handler: Handler, logger: Logger) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    handler(req, res).catch((error: unknown) => {
      // A client that leaves in the middle of its own body is no fault of ours.
      if (!req.destroyed || req.complete)
        logger.error(
          { err: error, requestId: requestIdOf(req) },
          'a request failed',
        );
      if (!res.headersSent && !res.destroyed) res.writeHead(500).end();
      else res.destroy();
    });
  };
}

/**
 * A server for HTTP, over TLS when there is a certificate, and for what it is
 * upgraded to. What is no HTTP gets Node's own answers (400, 408, 431): nobody
 * listens for `clientError`.
 */
export function createHttpServer(
  handler: Handler,
  logger: Logger,
  {
    upgrade,
    certificates,
  }: { readonly upgrade?: Upgrade; readonly certificates?: Certificates } = {},
): Server {
  const options = {
    ...OPTIONS,
    shouldUpgradeCallback: (req: IncomingMessage) =>
      upgrade?.wanted(req) ?? false,
  };
  const listener = guarded(handler, logger);
  let server: Server;
  if (certificates) {
    const secure = createTlsServer(
      { ...options, ...certificates.options() },
      listener,
    );
    secure.on('tlsClientError', (_error, socket) => socket.destroy());
    certificates.watch(renewed => secure.setSecureContext(renewed));
    server = secure;
  } else server = createServer(options, listener);
  if (upgrade) {
    const onUpgrade = (req: IncomingMessage, socket: Socket, head: Buffer) => {
      upgrade.handle(req, socket, head).catch((error: unknown) => {
        logger.error({ err: error }, 'an upgrade failed');
        socket.destroy();
      });
    };
    server.on('upgrade', onUpgrade);
  }
  return server;
}

/** A server for peers, over TLS. */
export function createPeerServer(
  handler: Handler,
  logger: Logger,
  tls: TlsOptions,
): Server {
  const server = createTlsServer(
    { ...tls, ...OPTIONS },
    guarded(handler, logger),
  );
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** @returns the port it listens on. @throws UsageError when it cannot */
export function listen(
  server: Server,
  host: string,
  port: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(
        new UsageError(`cannot listen on ${host}:${port}: ${error.message}`),
      ),
    );
    server.listen(port, host, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}
