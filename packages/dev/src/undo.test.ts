import { Undo } from './undo';

describe('Undo', () => {
  it('takes back in reverse order, past failures, and once', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const seen: string[] = [];
    const undo = new Undo();
    undo.add('first', async () => seen.push('first'));
    undo.add('second', async () => Promise.reject(new Error('no')));
    undo.add('third', async () => seen.push('third'));
    await undo.run();
    await undo.run();
    expect(seen).toEqual(['third', 'first']);
  });
});
