import { connect as connectTcp } from 'node:net';
import { connect as connectTls, TLSSocket, TlsOptions } from 'node:tls';
import type { KeyRing, RingKey } from './KeyRing';
import { PeerError, peerErrorOf } from './PeerError';

/** A machine that is there answers this within a moment, whatever its processes do. */
const CONNECT_MS = 1000;
/** A process that is there but busy may take this long. */
const PROOF_MS = 5000;

/*
 * A suite that knows no certificates: whoever ends its handshake has the key, on
 * either side, and nobody between them can read or go on in their place. TLS 1.3
 * would let a peer that lacks the key offer a certificate instead.
 */
const SUITE = 'ECDHE-PSK-CHACHA20-POLY1305';
const PROTOCOL = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ciphers: SUITE,
} as const;

/** How a replica receives its peers: only those with a key of the ring get as far as a request. */
export function receiveOptions(ring: () => KeyRing): TlsOptions {
  return {
    ...PROTOCOL,
    handshakeTimeout: PROOF_MS,
    pskCallback: (_socket, identity) => ring().find(identity)?.psk ?? null,
  };
}

/**
 * A connection to a peer that has proved to hold the key. Before that it has been sent nothing but the key's id.
 * @throws PeerError
 */
export function dial(
  host: string,
  port: number,
  key: RingKey,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tcp = connectTcp({ host, port, noDelay: true });
    let timer: NodeJS.Timeout;
    const fail = (error: Error) => {
      clearTimeout(timer);
      tcp.destroy();
      reject(peerErrorOf(error));
    };
    const within = (ms: number, kind: PeerError['kind']) =>
      setTimeout(
        () => fail(new PeerError(kind, `no answer within ${ms} ms`)),
        ms,
      );
    timer = within(CONNECT_MS, 'gone');
    tcp.once('error', fail);
    tcp.once('connect', () => {
      clearTimeout(timer);
      timer = within(PROOF_MS, 'unsure');
      const tls = connectTls({
        ...PROTOCOL,
        socket: tcp,
        pskCallback: () => ({ psk: key.psk, identity: key.id.toString('hex') }),
        checkServerIdentity: () => undefined, // there is no certificate to check
      });
      tls.once('error', fail);
      tls.once('secureConnect', () => {
        clearTimeout(timer);
        if (tls.getCipher().name !== SUITE) {
          fail(new PeerError('gone', 'the peer did not prove who it is'));
          return;
        }
        tls.off('error', fail);
        tcp.off('error', fail);
        resolve(tls);
      });
    });
  });
}
