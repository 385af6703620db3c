import fc from 'fast-check';
import { Gathered } from './gathered';

describe('Gathered', () => {
  it('gives back what came, in whatever parts, and can begin anew', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 6000 }), {
      maxLength: 30,
    });
    const gathered = new Gathered();
    fc.assert(
      fc.property(parts, all => {
        for (const part of all) gathered.add(Buffer.from(part));
        const whole = Buffer.concat(all);
        expect(gathered.length).toBe(whole.length);
        expect(gathered.take().equals(whole)).toBe(true);
        expect(gathered.length).toBe(0);
      }),
    );
  });

  it('leaves the parts as they are', () => {
    const gathered = new Gathered();
    const others = Buffer.from('one, two');
    gathered.add(others.subarray(0, 3));
    gathered.add(Buffer.from('!!!!!'));
    expect(String(gathered.take())).toBe('one!!!!!');
    expect(String(others)).toBe('one, two');
  });
});
