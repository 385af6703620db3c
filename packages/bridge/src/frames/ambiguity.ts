import { FrameError } from './errors';
import { eachMember, skipSpace, Span } from './scan';

const ENVELOPE = new Set(['jsonrpc', 'id', 'method', 'params']);

/** How parsers that take no notice of case read a key; Go's folds `ſ` to `s` too. */
function folded(key: string): string {
  return key.replaceAll('ſ', 's').toLowerCase();
}

/**
 * Refuses a message that servers might read differently than the bridge: with
 * a routing key in another spelling, or the name of a tool twice. Without this,
 * what is checked here could differ from what is called there.
 * @throws FrameError
 */
export function refuseAmbiguous(raw: string): void {
  const twice = (key: string) =>
    new FrameError(-32600, `The key "${key}" can be read in two ways`);
  let params: Span | undefined;
  eachMember(raw, skipSpace(raw, 0), (key, span) => {
    if (key === 'params') params = span;
    else if (!ENVELOPE.has(key) && ENVELOPE.has(folded(key))) throw twice(key);
  });
  if (!params || raw[params.start] !== '{') return;
  let names = 0;
  eachMember(raw, params.start, key => {
    if (folded(key) !== 'name') return;
    if (key !== 'name' || ++names > 1) throw twice(key);
  });
}
