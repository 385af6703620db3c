/**
 * Finds where values stand in a JSON text, so that a frame can be changed in
 * two or three places and passed on whole, byte for byte, everywhere else
 * (parsing and printing again would round big numbers and cost time). Every
 * function here expects text that `JSON.parse` has accepted.
 */

/** A half-open range of UTF-16 positions in the scanned text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The first position at or after `pos` that is not JSON whitespace. */
export function skipSpace(text: string, pos: number): number {
  let at = pos;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The position after the string literal that opens at `pos`. */
function skipString(text: string, pos: number): number {
  let quote = text.indexOf('"', pos + 1);
  while (quote !== -1) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

/** The position after the value that begins at `pos` (no leading whitespace). */
export function skipValue(text: string, pos: number): number {
  const first = text.charCodeAt(pos);
  if (first === QUOTE) return skipString(text, pos);
  let at = pos;
  if (first === OPEN_BRACE || first === OPEN_BRACKET) {
    let depth = 0;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        at = skipString(text, at);
        continue;
      }
      at++;
      if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        depth--;
        if (depth === 0) return at;
      }
    }
    return at;
  }
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (
      code === COMMA ||
      code === CLOSE_BRACE ||
      code === CLOSE_BRACKET ||
      isSpace(code)
    )
      break;
    at++;
  }
  return at;
}

/** Visits each member of the object whose `{` stands at `pos`, keys decoded. */
export function eachMember(
  text: string,
  pos: number,
  visit: (key: string, value: Span) => void,
): void {
  let at = skipSpace(text, pos + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at);
    const literal = text.slice(at, keyEnd);
    // `"\u0069d"` is the key `id` too.
    const key = literal.includes('\\')
      ? String(JSON.parse(literal))
      : literal.slice(1, -1);
    at = skipSpace(text, keyEnd);
    if (text.charCodeAt(at) === COLON) at = skipSpace(text, at + 1);
    const end = skipValue(text, at);
    visit(key, { start: at, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) return;
    at = skipSpace(text, at + 1);
  }
}

/** The elements of the array whose `[` stands at `pos`, as their own texts. */
export function elementsOf(text: string, pos: number): string[] {
  const found: string[] = [];
  let at = skipSpace(text, pos + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = skipValue(text, at);
    found.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

/** One replacement in a text. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** Applies replacements that do not overlap, in any order. */
export function splice(text: string, edits: readonly Edit[]): string {
  if (edits.length === 1) {
    const [{ span, text: insert }] = edits;
    return text.slice(0, span.start) + insert + text.slice(span.end);
  }
  let out = '';
  let from = 0;
  for (const { span, text: insert } of [...edits].sort(
    (a, b) => a.span.start - b.span.start,
  )) {
    out += text.slice(from, span.start) + insert;
    from = span.end;
  }
  return out + text.slice(from);
}
