import { errorText, ErrorCode } from '../frames/errors';
import { Frame, parseFrame, ResponseFrame } from '../frames/frame';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import { MODERN_VERSION, NEWEST_LEGACY, SERVER_INFO } from '../frames/meta';
import { bridgeEnvelope, CLIENT } from './client';
import { Child, ChildExit, describeExit } from './child';

/** Which kinds of revisions a server speaks: with sessions, and without. */
export interface Eras {
  readonly legacy: boolean;
  readonly modern: boolean;
}

/** What a server says of itself when it is asked to initialize, or to be discovered. */
export interface ServerFacts {
  readonly protocolVersion?: string;
  readonly serverInfo?: unknown;
  readonly capabilities?: unknown;
}

export type ProbeResult =
  | {
      readonly ok: true;
      readonly facts: ServerFacts;
      readonly eras: Eras;
      /** It would not hear of sessions after it was asked to be discovered; a fresh process may. */
      readonly refusedLegacy?: boolean;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** It may be of those that bear nothing before `initialize`. */
      readonly shy: boolean;
    };

const DISCOVER_ID = 0;
const INITIALIZE_ID = 1;
/** How long a server is given to answer `server/discover`, or `initialize` after it. */
const PATIENCE_MS = 3000;

/** Takes the facts out of an answer to `initialize`. */
export function factsOf({ result }: ResponseFrame): ServerFacts {
  if (!isObject(result)) return {};
  const protocolVersion = own(result, 'protocolVersion');
  return {
    protocolVersion:
      typeof protocolVersion === 'string' ? protocolVersion : undefined,
    serverInfo: own(result, 'serverInfo'),
    capabilities: own(result, 'capabilities'),
  };
}

function discoveredFacts(result: JsonObject): ServerFacts {
  return {
    protocolVersion: MODERN_VERSION,
    serverInfo: ownObject(result, '_meta')?.[SERVER_INFO],
    capabilities: own(result, 'capabilities'),
  };
}

function isModern({ result, error }: ResponseFrame): boolean {
  const known = isObject(result)
    ? own(result, 'supportedVersions')
    : error && ownObject(error, 'data')?.supported;
  return Array.isArray(known) && known.includes(MODERN_VERSION);
}

/**
 * Talks to a child that serves nobody, to learn whether the server works and
 * which revisions it speaks. The child must be thrown away then: many servers
 * take `initialize` only once.
 * @param era what is known already; `auto` asks for both
 */
export function probe(
  child: Child,
  timeoutMs: number,
  era: 'auto' | 'legacy' | 'modern',
): Promise<ProbeResult> {
  return new Promise(resolve => {
    let discovered: ServerFacts | undefined;
    let asked = false;
    let patience: NodeJS.Timeout | undefined;
    const timers: NodeJS.Timeout[] = [];
    // Only the first result counts; a promise resolves once.
    const finish = (result: ProbeResult) => {
      timers.forEach(clearTimeout);
      clearTimeout(patience);
      resolve(result);
    };
    const fail = (reason: string, shy = false) =>
      finish({ ok: false, reason, shy });
    const modernOnly = (refusedLegacy = false) => {
      const eras = { legacy: false, modern: true };
      finish({ ok: true, facts: discovered ?? {}, eras, refusedLegacy });
    };
    const initialize = () => {
      clearTimeout(patience);
      if (asked) return;
      asked = true;
      if (discovered) patience = setTimeout(() => modernOnly(), PATIENCE_MS);
      const params = {
        protocolVersion: NEWEST_LEGACY,
        capabilities: {},
        clientInfo: CLIENT,
      };
      ask(child, INITIALIZE_ID, 'initialize', params);
    };
    const onDiscovered = (frame: ResponseFrame) => {
      if (asked && !discovered && !isModern(frame)) return; // initialize decides
      if (isModern(frame)) {
        discovered = isObject(frame.result)
          ? discoveredFacts(frame.result)
          : {};
        if (era === 'modern') modernOnly();
        else initialize();
      } else if (era === 'modern')
        fail('The server does not speak revision 2026-07-28 (--era modern)');
      else initialize();
    };
    const onInitialized = (frame: ResponseFrame) => {
      if (frame.error) {
        const text = String(frame.error.message);
        if (discovered) modernOnly(true);
        else fail(`The server answered initialize with an error: ${text}`);
        return;
      }
      child.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
      const eras = { legacy: true, modern: discovered !== undefined };
      finish({ ok: true, facts: factsOf(frame), eras });
    };
    timers.push(
      setTimeout(() => {
        const seconds = Math.round(timeoutMs / 1000);
        fail(
          `The server did not answer initialize within ${seconds} s. Does its command speak MCP over stdio?`,
        );
      }, timeoutMs),
    );
    child.listener = {
      onLine(line) {
        let frame: Frame;
        try {
          frame = parseFrame(line);
        } catch {
          return; // noise on stdout
        }
        if (frame.kind === 'request') {
          const text = 'Nobody is connected';
          child.send(errorText(frame.idText, ErrorCode.unavailable, text));
        } else if (frame.kind === 'response') {
          if (frame.id === DISCOVER_ID) onDiscovered(frame);
          else if (frame.id === INITIALIZE_ID) onInitialized(frame);
        }
      },
      onOversizedLine() {},
      onExit(exit: ChildExit) {
        if (discovered) {
          modernOnly(asked);
          return;
        }
        const last = exit.stderr.at(-1);
        fail(
          `The server's process ${describeExit(
            exit,
          )} before it answered initialize${last ? `: ${last}` : ''}`,
          era === 'auto' && exit.spawnError === undefined,
        );
      },
    };
    if (era === 'legacy') {
      initialize();
      return;
    }
    ask(child, DISCOVER_ID, 'server/discover', { _meta: bridgeEnvelope() });
    if (era === 'auto') patience = setTimeout(initialize, PATIENCE_MS);
  });
}

function ask(child: Child, id: number, method: string, params: object): void {
  child.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
}
