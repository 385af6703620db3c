import { joinWords, splitWords } from './shellWords';

describe('shell words', () => {
  it.each([
    ['node server.js', ['node', 'server.js']],
    ['  npx   -y  pkg ', ['npx', '-y', 'pkg']],
    [`sh -c 'echo "hi there"'`, ['sh', '-c', 'echo "hi there"']],
    [`a "b \\"c\\" \\\\ $d" ''`, ['a', 'b "c" \\ $d', '']],
    ['one\\ word --x="1 2"', ['one word', '--x=1 2']],
    ['', []],
  ])('splits %j', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  it('notices an open quote', () => {
    expect(splitWords(`echo "hi`)).toBeUndefined();
  });

  it.each([[['node', 'a b', "it's", '', '$HOME', 'x\\y', '"']]])(
    'joins %j so that it splits again',
    words => {
      expect(splitWords(joinWords(words))).toEqual(words);
    },
  );
});
