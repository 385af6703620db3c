import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { KeyRing } from './KeyRing';
import { Replica, thisReplica } from './Replica';
import { openSessionId, sealSessionId } from './sessionId';

const ALICE = 'user:default/alice';
const secret = randomBytes(32);
const ring = new KeyRing([secret]);
const replica = thisReplica({
  uid: '5b0a3c8e-0000-4000-8000-000000000001',
  ip: '10.42.0.17',
});
const texts = fc.record({
  uid: fc.stringMatching(/^[0-9a-f-]{0,64}$/),
  ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('')),
  principal: fc.string({ maxLength: 300 }),
});

describe('session ids', () => {
  it('say who owns them to those who have the key, in a short visible text', () => {
    fc.assert(
      fc.property(texts, ({ uid, ip, principal }) => {
        const one: Replica = thisReplica({ uid, ip });
        const id = sealSessionId(ring, one, principal);
        expect(id).toMatch(/^[\x21-\x7e]{1,399}$/);
        const opened = openSessionId(ring, id);
        expect(opened).toMatchObject({
          podUid: uid,
          podIp: one.podIp,
          bootNonce: one.bootNonce,
        });
        expect(Math.abs(opened!.sealedAt - Date.now())).toBeLessThan(60_000);
        expect(opened?.belongsTo(principal)).toBe(true);
        expect(opened?.belongsTo(`${principal}x`)).toBe(false);
      }),
    );
  });

  it('show nothing of what is in them, and are never the same twice', () => {
    const [one, other] = [0, 1].map(() => sealSessionId(ring, replica, ALICE));
    expect(one).not.toBe(other);
    const bytes = Buffer.from(one, 'base64url').toString('latin1');
    expect(bytes).not.toContain(replica.podIp);
    expect(bytes).not.toContain(replica.podUid);
  });

  it('do not open when any part of them was changed', () => {
    const id = sealSessionId(ring, replica, ALICE);
    fc.assert(
      fc.property(
        fc.nat(id.length - 1),
        fc.constantFrom(...'ABCXYZabcxyz0189-_+/=. '),
        (at, char) => {
          fc.pre(id[at] !== char);
          const changed = id.slice(0, at) + char + id.slice(at + 1);
          expect(openSessionId(ring, changed)).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
    const bytes = Buffer.from(id, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[Math.floor(bit / 8)] ^= 1 << bit % 8;
      expect(
        openSessionId(ring, changed.toString('base64url')),
      ).toBeUndefined();
    }
  });

  it('do not open when cut, lengthened or made up', () => {
    const id = sealSessionId(ring, replica, ALICE);
    for (let length = 0; length < id.length; length++)
      expect(openSessionId(ring, id.slice(0, length))).toBeUndefined();
    const header = Buffer.from(id, 'base64url').subarray(0, 5);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 500 }),
          fc.string({ minLength: 1, maxLength: 9 }).map(text => id + text),
          // The right version and key id, and then anything.
          fc
            .uint8Array({ maxLength: 300 })
            .map(rest => Buffer.concat([header, rest]).toString('base64url')),
        ),
        text => expect(openSessionId(ring, text)).toBeUndefined(),
      ),
    );
  });

  it('of another key do not open, and of the key before still do', () => {
    const id = sealSessionId(ring, replica, ALICE);
    const next = randomBytes(32);
    expect(openSessionId(new KeyRing([next]), id)).toBeUndefined();
    const rotated = new KeyRing([next, secret]);
    expect(openSessionId(rotated, id)?.belongsTo(ALICE)).toBe(true);
    const newer = sealSessionId(rotated, replica, ALICE);
    expect(openSessionId(ring, newer)).toBeUndefined();
    // A replica that only knows of the coming key already understands it.
    expect(openSessionId(new KeyRing([secret, next]), newer)).toBeDefined();
  });

  it('make a key for each purpose', () => {
    const { seal, principal, psk, id } = ring.current;
    const all = [seal, principal, psk, secret].map(key => key.toString('hex'));
    expect(new Set(all).size).toBe(4);
    expect(all.some(key => key.includes(id.toString('hex')))).toBe(false);
  });
});
