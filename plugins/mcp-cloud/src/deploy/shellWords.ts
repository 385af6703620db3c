/**
 * Splits a line into words as a POSIX shell does: spaces part words, single quotes keep everything, double quotes
 * keep all but backslash before `"` and `\`, a backslash outside keeps the next character. Nothing is expanded.
 * `undefined` when a quote is left open.
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i];
    const next = line[i + 1];
    if (quote) {
      if (char === quote) {
        quote = undefined;
      } else if (
        quote === '"' &&
        char === '\\' &&
        (next === '"' || next === '\\')
      ) {
        word += next;
        i += 1;
      } else {
        word += char;
      }
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\' && next !== undefined) {
      word = (word ?? '') + next;
      i += 1;
    } else if (/\s/.test(char)) {
      if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote) {
    return undefined;
  }
  return word === undefined ? words : [...words, word];
}

/** The line that `splitWords` turns into these words. */
export function joinWords(words: string[]): string {
  return words
    .map(word =>
      /^[\w@%+=:,./-]+$/.test(word)
        ? word
        : `'${word.replaceAll("'", `'\\''`)}'`,
    )
    .join(' ');
}
