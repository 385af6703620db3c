import { insertMembers, memberSpan } from './edit';
import { parseFrame, RequestFrame } from './frame';
import { Edit, skipSpace, splice } from './scan';

/** Puts texts into the object at a place; those that are there already are replaced. */
function put(
  raw: string,
  open: number,
  members: Readonly<Record<string, string>>,
): Edit[] {
  const edits: Edit[] = [];
  const added: string[] = [];
  for (const [key, value] of Object.entries(members)) {
    const span = memberSpan(raw, open, key);
    if (span) edits.push({ span, text: JSON.stringify(value) });
    else added.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
  }
  return added.length === 0
    ? edits
    : [...edits, insertMembers(raw, open, added.join(','))];
}

/** The request with texts in `params._meta`; everything else stays as it was written. */
export function withMeta(
  frame: RequestFrame,
  members: Readonly<Record<string, string>>,
): RequestFrame {
  const { raw, paramsSpan } = frame;
  const meta = paramsSpan && memberSpan(raw, paramsSpan.start, '_meta');
  let edits: Edit[];
  const object = JSON.stringify(members);
  if (meta) {
    if (raw[meta.start] !== '{') return frame;
    edits = put(raw, meta.start, members);
  } else if (paramsSpan)
    edits = [insertMembers(raw, paramsSpan.start, `"_meta":${object}`)];
  else {
    const added = `"params":{"_meta":${object}}`;
    edits = [insertMembers(raw, skipSpace(raw, 0), added)];
  }
  const changed = parseFrame(splice(raw, edits));
  return changed.kind === 'request' ? changed : frame;
}
