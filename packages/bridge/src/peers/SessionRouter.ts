import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../frames/errors';
import type { Elsewhere, McpEndpoint } from '../http/public';
import type { BridgeMetrics } from '../observability/metrics';
import type { SessionRegistry } from '../session/registry';
import type { Principal } from '../session/types';
import { unknownSession } from '../session/unknownSession';
import { unknownCall } from '../translate/parkedCalls';
import type { Forwarder } from './Forwarder';
import type { KeyRing } from './KeyRing';
import type { Members } from './Members';
import { PeerError } from './PeerError';
import type { Replica } from './Replica';
import type { RequestStates } from './requestState';
import type { Owner } from './seal';
import { openSessionId } from './sessionId';

export interface SessionRouterOptions {
  readonly replica: Replica;
  readonly ring: () => KeyRing;
  readonly states: RequestStates;
  readonly sessions: SessionRegistry;
  readonly members: Members;
  readonly forwarder: Forwarder;
  readonly metrics: BridgeMetrics;
}

const MAX_OWNERS = 10_000;

/** Serves the sessions and calls of this replica, and passes requests for those of others on to where they live. */
export class SessionRouter implements Elsewhere {
  /** By principal and session id, so that an id is opened once; the oldest give way. */
  private readonly owners = new Map<string, Owner>();

  constructor(private readonly options: SessionRouterOptions) {}

  /** The same endpoints, of which those whose requests name a session serve it wherever it lives. */
  around(
    ends: ReadonlyMap<string, McpEndpoint>,
  ): ReadonlyMap<string, McpEndpoint> {
    return new Map(
      [...ends].map(([path, end]) => [
        path,
        end.sessionIdOf ? this.routed(end, req => end.sessionIdOf?.(req)) : end,
      ]),
    );
  }

  private routed(
    local: McpEndpoint,
    sessionIdOf: NonNullable<McpEndpoint['sessionIdOf']>,
  ): McpEndpoint {
    return {
      methods: local.methods,
      handle: async (req, res, permit) => {
        const owner = this.ownerElsewhere(sessionIdOf(req), permit.principal);
        if (!owner) await local.handle(req, res, permit, this);
        else await this.forward(req, res, owner, unknownSession);
      },
    };
  }

  async resume(
    state: string,
    body: string,
    req: IncomingMessage,
    res: ServerResponse,
    principal: Principal,
  ): Promise<boolean> {
    const opened = this.options.states.open(state, principal);
    if (!opened || !this.isElsewhere(opened)) return false;
    await this.forward(req, res, opened, unknownCall, body);
    return true;
  }

  /** @throws Refusal before anything was answered */
  private async forward(
    req: IncomingMessage,
    res: ServerResponse,
    owner: Owner,
    gone: () => Refusal,
    body?: string,
  ): Promise<void> {
    const { members, forwarder, metrics } = this.options;
    try {
      if (!(await members.includes(owner)))
        throw new PeerError('gone', 'the address belongs to no replica');
      const to = { host: owner.podIp, key: owner.key };
      await forwarder.forward(req, res, to, body);
      metrics.forwarded('answered');
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      metrics.forwarded(error.kind);
      if (error.kind === 'gone') throw gone();
      throw new Refusal(
        503,
        'peer',
        'The replica that this is for does not answer at the moment; try again',
        { retryAfterSeconds: 1 },
      );
    }
  }

  /** The other replica that a request is for; none for new sessions, own ones, and ids that mean nothing here. */
  private ownerElsewhere(
    id: string | undefined,
    principal: Principal,
  ): Owner | undefined {
    const { sessions, ring } = this.options;
    if (id === undefined || sessions.find(id, principal)) return undefined;
    const name = `${id} ${principal}`;
    const known = this.owners.get(name);
    // A key that has left the ring opens nothing any more.
    if (known && ring().find(known.key.id.toString('hex'))) return known;
    this.owners.delete(name);
    const opened = openSessionId(ring(), id);
    if (!opened?.belongsTo(principal) || !this.isElsewhere(opened))
      return undefined;
    if (this.owners.size >= MAX_OWNERS) {
      const [oldest] = this.owners.keys();
      this.owners.delete(oldest);
    }
    this.owners.set(name, opened);
    return opened;
  }

  /** What an earlier process of this pod had, or an earlier pod on this address, is gone. */
  private isElsewhere({ podIp, podUid }: Owner): boolean {
    const { replica } = this.options;
    const own =
      podIp === replica.podIp ||
      (replica.podUid !== '' && podUid === replica.podUid);
    return !own && podIp !== '';
  }
}
