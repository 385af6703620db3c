import { eachMember, Edit, skipSpace, Span } from './scan';

/** The text of a member of the object at `pos`, as it was written. */
export function memberText(
  text: string,
  pos: number,
  wanted: string,
): string | undefined {
  const span = memberSpan(text, pos, wanted);
  return span && text.slice(span.start, span.end);
}

/** The place of a member's value in the object at `pos`, the last of its name; none when something else stands there. */
export function memberSpan(
  text: string,
  pos: number,
  wanted: string,
): Span | undefined {
  if (text[pos] !== '{') return undefined;
  let found: Span | undefined;
  eachMember(text, pos, (key, span) => {
    if (key === wanted) found = span;
  });
  return found;
}

/** Puts members (`"a":1,"b":2`, not empty) before those that the object at `pos` has. */
export function insertMembers(
  text: string,
  pos: number,
  members: string,
): Edit {
  const start = pos + 1;
  const isEmpty = text[skipSpace(text, start)] === '}';
  return { span: { start, end: start }, text: members + (isEmpty ? '' : ',') };
}

/** The object at `pos` anew: each member's value as `change` gives it, without those for which it gives nothing. */
export function mapMembers(
  text: string,
  pos: number,
  change: (key: string, value: string) => string | undefined,
): string {
  const members: string[] = [];
  eachMember(text, pos, (key, { start, end }) => {
    const value = change(key, text.slice(start, end));
    if (value !== undefined) members.push(`${JSON.stringify(key)}:${value}`);
  });
  return `{${members.join(',')}}`;
}
