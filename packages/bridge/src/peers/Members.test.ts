import { KeyRing } from './KeyRing';
import { Members } from './Members';

describe('Members', () => {
  const service = 'mcp-a--peers';
  const addresses: string[] = [];
  const { current: key } = new KeyRing([Buffer.alloc(32, 1)]);
  const at = (podIp: string, secondsAgo = 3600) => ({
    podIp,
    podUid: '',
    key,
    sealedAt: Date.now() - secondsAgo * 1000,
  });
  const withLookup = (found: () => readonly string[]) => {
    const look = jest.fn(async () => found());
    return { look, members: new Members({ service, addresses }, look) };
  };

  it('are looked for once, and anew for an address that is not known', async () => {
    let found = ['10.0.0.1'];
    const { look, members } = withLookup(() => found);
    expect(await members.includes(at('10.0.0.1'))).toBe(true);
    expect(await members.includes(at('10.0.0.1'))).toBe(true);
    expect(look).toHaveBeenCalledTimes(1);
    found = ['10.0.0.1', 'FD00::2'];
    expect(await members.includes(at('fd00::2'))).toBe(true);
    expect(await members.includes(at('10.0.0.9'))).toBe(false);
    expect(look).toHaveBeenCalledTimes(3);
  });

  it('are looked for once for many who ask at a time', async () => {
    const { look, members } = withLookup(() => ['10.0.0.1']);
    await Promise.all([1, 2, 3].map(n => members.includes(at(`10.0.0.${n}`))));
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('stay as they were while nobody can say, and are unsure beyond', async () => {
    let broken = false;
    const { members } = withLookup(() => {
      if (broken) throw new Error('SERVFAIL');
      return ['10.0.0.1'];
    });
    await members.includes(at('10.0.0.1'));
    broken = true;
    expect(await members.includes(at('10.0.0.1'))).toBe(true);
    await expect(members.includes(at('10.0.0.2'))).rejects.toMatchObject({
      kind: 'unsure',
    });
  });

  it('may be younger than what the name server says', async () => {
    const { look, members } = withLookup(() => ['10.0.0.1']);
    expect(await members.includes(at('10.0.0.2', 5))).toBe(true);
    expect(look).not.toHaveBeenCalled();
    expect(await members.includes(at('10.0.0.2', 61))).toBe(false);
    // A clock that is far ahead vouches for nothing.
    expect(await members.includes(at('10.0.0.2', -61))).toBe(false);
  });

  it('can be a list, and then no name is looked up', async () => {
    const look = jest.fn();
    const members = new Members({ addresses: ['127.0.0.2'] }, look);
    expect(await members.includes(at('127.0.0.2'))).toBe(true);
    expect(await members.includes(at('127.0.0.3'))).toBe(false);
    expect(await members.includes(at('127.0.0.3', 5))).toBe(false);
    expect(look).not.toHaveBeenCalled();
  });

  it('of a name that does not exist are none', async () => {
    const members = new Members({ service: 'no.such.invalid', addresses });
    const answer = await members.includes(at('10.0.0.1')).catch(error => error);
    // Machines without any name server cannot even say that.
    expect([false, 'unsure']).toContain(answer === false ? false : answer.kind);
  });
});
