import { ErrorCode, errorText } from '../frames/errors';
import { memberText } from '../frames/edit';
import {
  errorFrame,
  NotificationFrame,
  parseFrame,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import { isObject, JsonObject, own, ownObject } from '../frames/json';
import {
  CLIENT_CAPABILITIES,
  CLIENT_INFO,
  Envelope,
  LOG_LEVEL,
  MODERN_VERSION,
  PROTOCOL_VERSION,
} from '../frames/meta';
import { LISTEN, ModernServer } from '../modern/server';
import { requestFrame } from '../session/ask';
import { later } from '../session/later';
import type {
  Backend,
  BackendListener,
  CallOutlet,
  Principal,
  Sent,
  SessionEnd,
} from '../session/types';
import { clientRequest, InputRounds } from './inputRounds';
import {
  initialized,
  legacyNotification,
  modernRequest,
  resultText,
} from './toLegacy';

/** What a client that has set no level gets. */
const DEFAULT_LEVEL = 'info';
const NOBODY: Sent = { cancel: () => {} };
/** A subscription that broke off is tried again after this. */
const RELISTEN_MS = 1000;

export interface ModernBackendOptions {
  readonly server: ModernServer;
  readonly principal: Principal;
  /** How long a client may take to answer what it is asked, in milliseconds. */
  readonly inputTimeout: () => number;
  /** What serves this session alone; there is nothing when its processes are shared. */
  readonly own?: Pick<Backend, 'hold' | 'release' | 'stop'>;
}

/** A session with a server that knows none: what the server does not remember, this does. */
export class ModernBackend implements Backend {
  private params?: JsonObject;
  /** What each request says of the client (members of `_meta`, JSON text). */
  private client = '';
  private capabilities: JsonObject = {};
  private offered: JsonObject = {};
  private logLevel = DEFAULT_LEVEL;
  private readonly uris = new Set<string>();
  private listening: Sent = NOBODY;
  private relisten?: NodeJS.Timeout;
  private readonly questions = new Map<
    string,
    (frame: ResponseFrame) => void
  >();
  private nextQuestion = 1;
  private stopped = false;

  constructor(
    private readonly listener: BackendListener,
    private readonly options: ModernBackendOptions,
  ) {}

  get backlog(): number {
    return this.options.server.backlog;
  }

  onceDrained(then: () => void): void {
    this.options.server.onceDrained(then);
  }

  /** A process that serves others too is not held; a reader that falls behind there is cut in the end. */
  hold(): void {
    this.options.own?.hold();
  }

  release(): void {
    this.options.own?.release();
  }

  request(frame: RequestFrame, outlet: CallOutlet): Sent {
    switch (frame.method) {
      case 'initialize':
        return this.initialize(frame, outlet);
      case 'ping':
        return answered(frame, outlet);
      case 'logging/setLevel':
        this.logLevel = String(frame.params?.level ?? DEFAULT_LEVEL);
        return answered(frame, outlet);
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return this.subscribe(frame, outlet);
      default:
        return new InputRounds(frame, outlet, {
          send: (input, leg) =>
            this.send(frame, leg, id =>
              modernRequest(frame, id, this.envelopeText(), input),
            ),
          ask: (method, params) => this.ask(method, params, outlet),
        });
    }
  }

  notify(frame: NotificationFrame): void {
    if (frame.method === 'notifications/initialized') this.listen();
    else if (frame.method !== 'notifications/roots/list_changed')
      this.options.server.notify(frame);
  }

  respond(frame: ResponseFrame): void {
    const key = JSON.parse(frame.idText) as string;
    this.questions.get(key)?.(frame);
    this.questions.delete(key);
  }

  async stop(why: SessionEnd): Promise<void> {
    this.stopped = true;
    clearTimeout(this.relisten);
    this.listening.cancel();
    for (const [id, answer] of this.questions)
      answer(errorFrame(JSON.stringify(id), ErrorCode.unavailable, why.text));
    await this.options.own?.stop(why);
  }

  private initialize(frame: RequestFrame, outlet: CallOutlet): Sent {
    const { params, paramsSpan, raw } = frame;
    const text = (key: string) =>
      paramsSpan && memberText(raw, paramsSpan.start, key);
    this.params = params;
    this.capabilities = ownObject(params, 'capabilities') ?? {};
    this.client = [
      `"${PROTOCOL_VERSION}":"${MODERN_VERSION}"`,
      `"${CLIENT_INFO}":${text('clientInfo') ?? 'null'}`,
      `"${CLIENT_CAPABILITIES}":${text('capabilities') ?? '{}'}`,
    ].join(',');
    const discover = requestFrame('server/discover', {});
    const write = (id: string) => modernRequest(discover, id, this.client, '');
    return this.send(
      discover,
      {
        send: () => {},
        answer: (answerText, { status }) => {
          const { result, error } = parseFrame(answerText) as ResponseFrame;
          if (!isObject(result)) {
            const why = String(error?.message);
            const said = `The server could not be discovered: ${why}`;
            outlet.answer(
              errorText(frame.idText, ErrorCode.unavailable, said),
              { status },
            );
            return;
          }
          this.offered = ownObject(result, 'capabilities') ?? {};
          const answer = resultText(
            frame.idText,
            initialized(this.params, result),
          );
          const parsed = parseFrame(answer) as ResponseFrame;
          outlet.answer(answer, { status, frame: parsed });
        },
      },
      write,
    );
  }

  private subscribe(frame: RequestFrame, outlet: CallOutlet): Sent {
    const uri = String(frame.params?.uri);
    if (frame.method === 'resources/subscribe') this.uris.add(uri);
    else this.uris.delete(uri);
    this.listen();
    return answered(frame, outlet);
  }

  /** Has the server tell what changes, as far as it offers to. */
  private listen(): void {
    this.listening.cancel();
    this.listening = NOBODY;
    clearTimeout(this.relisten);
    const offers = (kind: string, what: string) =>
      ownObject(this.offered, kind)?.[what] === true;
    const wanted = {
      ...(offers('tools', 'listChanged') && { toolsListChanged: true }),
      ...(offers('prompts', 'listChanged') && { promptsListChanged: true }),
      ...(offers('resources', 'listChanged') && { resourcesListChanged: true }),
      ...(offers('resources', 'subscribe') &&
        this.uris.size > 0 && { resourceSubscriptions: [...this.uris] }),
    };
    if (Object.keys(wanted).length === 0) return;
    const frame = requestFrame(LISTEN, { notifications: wanted });
    const write = (id: string) => modernRequest(frame, id, this.client, '');
    this.listening = this.send(
      frame,
      {
        send: raw => this.changed(parseFrame(raw) as NotificationFrame),
        answer: (_, { status }) => {
          if (status === 'ok' || this.stopped) return;
          this.relisten = setTimeout(() => this.listen(), RELISTEN_MS);
        },
      },
      write,
    );
  }

  private changed(frame: NotificationFrame): void {
    if (frame.method === 'notifications/subscriptions/acknowledged') return;
    const text = legacyNotification(frame);
    this.listener.onNotification(parseFrame(text) as NotificationFrame);
  }

  private send(
    frame: RequestFrame,
    outlet: CallOutlet,
    write: (id: string) => string,
  ): Sent {
    const { server, principal } = this.options;
    const envelope: Envelope = {
      capabilities: this.capabilities,
      ...(frame.method === LISTEN ? {} : { logLevel: this.wantedLevel() }),
    };
    return later(
      server.request({ frame, envelope, principal, write }, outlet),
      error => {
        const text = errorText(frame.idText, ErrorCode.unavailable, error);
        outlet.answer(text, { status: 'error' });
      },
    );
  }

  /** Only a server that logs is asked to. */
  private wantedLevel(): string | undefined {
    return own(this.offered, 'logging') ? this.logLevel : undefined;
  }

  private envelopeText(): string {
    const level = this.wantedLevel();
    return level === undefined
      ? this.client
      : `${this.client},"${LOG_LEVEL}":${JSON.stringify(level)}`;
  }

  private ask(
    method: string,
    params: string | undefined,
    call: CallOutlet,
  ): Promise<ResponseFrame> {
    const id = `input-${this.nextQuestion++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.questions.delete(id);
        reject(new Error(`The client did not answer ${method} in time`));
      }, this.options.inputTimeout());
      this.questions.set(id, frame => {
        clearTimeout(timer);
        resolve(frame);
      });
      this.listener.onRequest(clientRequest(id, method, params), call);
    });
  }
}

function answered({ idText }: RequestFrame, outlet: CallOutlet): Sent {
  outlet.answer(resultText(idText, {}), { status: 'ok' });
  return NOBODY;
}
