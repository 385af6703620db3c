import { insertMembers, memberSpan } from '../frames/edit';
import type { NotificationFrame } from '../frames/frame';
import { JsonObject, own, ownObject } from '../frames/json';
import { SERVER_INFO, SUBSCRIPTION_ID } from '../frames/meta';
import { splice } from '../frames/scan';
import type { ModernRequest } from '../modern/server';
import { HeldPool, updatedUri } from '../pool/heldPool';
import type { CallOutlet, Sent } from '../session/types';

/** Which member of what is asked for brings which notification, and what the server must offer for it. */
const KINDS: readonly [wanted: string, method: string, capability: string][] = [
  ['toolsListChanged', 'notifications/tools/list_changed', 'tools'],
  ['promptsListChanged', 'notifications/prompts/list_changed', 'prompts'],
  ['resourcesListChanged', 'notifications/resources/list_changed', 'resources'],
];

/** What of a wish a server with these capabilities can fulfil. */
function honoured(wanted: JsonObject, capabilities: JsonObject | undefined) {
  const granted: Record<string, unknown> = {};
  for (const [name, , capability] of KINDS) {
    const offered = ownObject(capabilities, capability)?.listChanged === true;
    if (own(wanted, name) === true && offered) granted[name] = true;
  }
  const uris = own(wanted, 'resourceSubscriptions');
  const offered = ownObject(capabilities, 'resources')?.subscribe === true;
  if (Array.isArray(uris) && uris.length > 0 && offered)
    granted.resourceSubscriptions = uris.filter(uri => typeof uri === 'string');
  return granted;
}

/** The notification for one subscription. */
function stamped(frame: NotificationFrame, idText: string): string {
  const id = `${JSON.stringify(SUBSCRIPTION_ID)}:${idText}`;
  const { raw, params, paramsSpan } = frame;
  if (!paramsSpan) {
    const added = `"params":{"_meta":{${id}}}`;
    return splice(raw, [insertMembers(raw, raw.indexOf('{'), added)]);
  }
  const meta = ownObject(params, '_meta')
    ? memberSpan(raw, paramsSpan.start, '_meta')
    : undefined;
  const edit = meta
    ? insertMembers(raw, meta.start, id)
    : insertMembers(raw, paramsSpan.start, `"_meta":{${id}}`);
  return splice(raw, [edit]);
}

function acknowledged(granted: object, idText: string): string {
  const wanted = JSON.stringify(granted);
  const id = `${JSON.stringify(SUBSCRIPTION_ID)}:${idText}`;
  return `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":${wanted},"_meta":{${id}}}}`;
}

function closed(idText: string, serverInfo: unknown): string {
  const id = `${JSON.stringify(SUBSCRIPTION_ID)}:${idText}`;
  const info = `${JSON.stringify(SERVER_INFO)}:${JSON.stringify(serverInfo)}`;
  return `{"jsonrpc":"2.0","id":${idText},"result":{"resultType":"complete","_meta":{${id},${info}}}}`;
}

/**
 * Serves `subscriptions/listen` from processes with sessions: what they say of
 * their own accord goes to whoever has asked for it.
 */
export function listen(
  pool: HeldPool,
  initialized: JsonObject,
  { frame }: ModernRequest,
  outlet: CallOutlet,
): Sent {
  const { idText } = frame;
  const wanted = ownObject(frame.params, 'notifications') ?? {};
  const granted = honoured(wanted, ownObject(initialized, 'capabilities'));
  const uris = (granted.resourceSubscriptions ?? []) as readonly string[];
  const methods = new Set(
    KINDS.filter(([name]) => granted[name]).map(([, method]) => method),
  );
  const stops: (() => void)[] = [];
  const stop = () => stops.splice(0).forEach(one => one());
  const end = () => {
    stop();
    const raw = closed(idText, own(initialized, 'serverInfo'));
    outlet.answer(raw, { status: 'ok' });
  };

  outlet.send(acknowledged(granted, idText));
  if (methods.size === 0 && uris.length === 0) {
    end();
    return { cancel: stop };
  }
  stops.push(
    pool.listen({
      onChange: change => {
        const uri = updatedUri(change);
        if (methods.has(change.method) || uris.includes(String(uri)))
          outlet.send(stamped(change, idText));
      },
      onLost: end,
    }),
  );
  for (const uri of uris) {
    let left = false;
    stops.push(() => {
      left = true;
    });
    pool.subscribe(uri).then(
      unsubscribe => (left ? unsubscribe() : stops.push(unsubscribe)),
      () => end(),
    );
  }
  return { cancel: stop };
}
