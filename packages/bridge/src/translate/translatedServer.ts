import { ErrorCode, Refusal } from '../frames/errors';
import type { NotificationFrame } from '../frames/frame';
import { isObject, JsonObject, own } from '../frames/json';
import { LISTEN, ModernRequest, ModernServer } from '../modern/server';
import { ToolHeaders } from '../modern/toolHeaders';
import type { HeldPool } from '../pool/heldPool';
import type { HeldServer } from '../pool/heldServer';
import { ask } from '../session/ask';
import type { CallOutlet, Sent } from '../session/types';
import { mayAsk } from './clientInput';
import { ParkedCall } from './parkedCall';
import { ParkedCalls, unknownCall } from './parkedCalls';
import { listen } from './subscriptions';
import { discovered, legacyNotice, modernResult } from './toModern';

/** Requests of the revisions with sessions that 2026-07-28 has no more. */
const REMOVED = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

/** Notifications that a server would take for those of the bridge's own session. */
const OF_A_SESSION = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
]);

/** Serves requests of 2026-07-28 by processes that know sessions only. */
export class TranslatedServer implements ModernServer {
  private readonly toolHeaders = new ToolHeaders();

  constructor(readonly pool: HeldPool, private readonly parked: ParkedCalls) {
    pool.listen({
      isPassive: true,
      onChange: ({ method }) => {
        if (method === 'notifications/tools/list_changed')
          this.toolHeaders.forget();
      },
      onLost: () => this.toolHeaders.forget(),
    });
  }

  get backlog(): number {
    return this.pool.backlog;
  }

  onceDrained(then: () => void): void {
    this.pool.onceDrained(then);
  }

  async request(request: ModernRequest, outlet: CallOutlet): Promise<Sent> {
    const { frame, envelope } = request;
    const { method, idText } = frame;
    if (REMOVED.has(method)) {
      throw new Refusal(404, 'protocol', `Method not found: ${method}`, {
        code: ErrorCode.methodNotFound,
      });
    }
    const state = frame.params && own(frame.params, 'requestState');
    if (state !== undefined) return this.resume(String(state), request, outlet);

    const asks = mayAsk(method, envelope.capabilities);
    const server = asks ? await this.pool.checkOut() : await this.pool.shared();
    const initialized = await server.ready;
    if (method === 'server/discover') {
      const info = own(initialized, 'serverInfo');
      const raw = modernResult(idText, discovered(initialized), info);
      outlet.answer(raw, { status: 'ok' });
      return { cancel: () => {} };
    }
    if (method === LISTEN)
      return listen(this.pool, initialized, request, outlet);
    try {
      await this.toolHeaders.check(request, cursor =>
        listTools(server, cursor),
      );
    } catch (error) {
      if (asks) this.pool.release(server, false);
      throw error;
    }
    if (envelope.logLevel !== undefined) await server.setLogLevel('debug');
    const call = this.call(server, request, outlet, initialized);
    return { cancel: told => call.giveUp(told) };
  }

  notify(frame: NotificationFrame): void {
    if (OF_A_SESSION.has(frame.method)) return;
    this.pool.notify({ ...frame, raw: legacyNotice(frame) });
  }

  private call(
    server: HeldServer,
    request: ModernRequest,
    outlet: CallOutlet,
    initialized: JsonObject,
  ): ParkedCall {
    return new ParkedCall(server, request, outlet, {
      serverInfo: own(initialized, 'serverInfo'),
      park: call => {
        this.pool.setAside(server, () => call.giveUp());
        return this.parked.park(call);
      },
      onResume: () => this.pool.takeBack(server),
      onEnd: (call, spoilt) => {
        this.parked.forget(call);
        if (server.asks) this.pool.release(server, spoilt);
      },
    });
  }

  private resume(
    state: string,
    request: ModernRequest,
    outlet: CallOutlet,
  ): Sent {
    const call = this.parked.take(state, request.principal);
    if (!call) throw unknownCall();
    try {
      call.resume(request, outlet);
    } catch (error) {
      this.parked.park(call); // what it has brought is wrong; it may try again
      throw error;
    }
    return { cancel: told => call.giveUp(told) };
  }
}

async function listTools(server: HeldServer, cursor: unknown) {
  const { capabilities } = await server.ready;
  if (!isObject(capabilities) || !own(capabilities, 'tools'))
    return { tools: [] };
  const params = cursor === undefined ? {} : { cursor };
  const { result } = await ask(server.relay, 'tools/list', params);
  return isObject(result) ? result : undefined;
}
