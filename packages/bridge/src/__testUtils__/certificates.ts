import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dir = mkdtempSync(join(tmpdir(), 'bridge-tls-'));
/** A file in a folder of this test. */
export const file = (name: string) => join(dir, name);
let made = 0;

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

/** A certificate of its own authority for this machine, and a client's one signed by it. */
export function makeCertificate() {
  const name = `made${made++}`;
  const common = [
    ...['req', '-x509', '-nodes', '-days', '2', '-newkey', 'ec'],
    ...['-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  ];
  const write = (part: string) => [
    ...['-keyout', file(`${name}.${part}.key`)],
    ...['-out', file(`${name}.${part}.crt`)],
  ];
  const read = (part: string) => ({
    cert: readFileSync(file(`${name}.${part}.crt`), 'utf8'),
    key: readFileSync(file(`${name}.${part}.key`), 'utf8'),
  });
  openssl(
    ...common,
    ...write('server'),
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
  );
  openssl(
    ...common,
    ...write('client'),
    ...['-subj', '/CN=client', '-CA', file(`${name}.server.crt`)],
    ...['-CAkey', file(`${name}.server.key`)],
  );
  return { ...read('server'), client: read('client') };
}

export type Made = ReturnType<typeof makeCertificate>;

/** Where a bridge finds what was put there. */
export const tls = { cert: file('tls.crt'), key: file('tls.key') };

export function put({ cert, key }: Made): void {
  writeFileSync(tls.cert, cert);
  writeFileSync(tls.key, key);
}
