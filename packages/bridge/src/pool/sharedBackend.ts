import { ErrorCode, errorText } from '../frames/errors';
import {
  errorFrame,
  NotificationFrame,
  parseFrame,
  RequestFrame,
  ResponseFrame,
} from '../frames/frame';
import { JsonObject, ownObject } from '../frames/json';
import { isLogged } from '../frames/meta';
import { splice } from '../frames/scan';
import { later } from '../session/later';
import type {
  Backend,
  BackendListener,
  CallOutlet,
  Outcome,
  Sent,
  SessionEnd,
} from '../session/types';
import { mayAsk, missingCapabilities } from '../translate/clientInput';
import { agreedVersion, resultText } from '../translate/toLegacy';
import { HeldPool, updatedUri } from './heldPool';
import type { HeldCall, HeldServer } from './heldServer';

const NOBODY: Sent = { cancel: () => {} };
/** Of what the bridge itself has told the server. */
const OF_A_SESSION = new Set([
  'notifications/initialized',
  'notifications/roots/list_changed',
]);

interface Question {
  readonly server: HeldServer;
  /** The server's own id. */
  readonly idText: string;
}

/** A session at processes that it shares with others: what belongs to the client is kept here, not there. */
export class SharedBackend implements Backend {
  private capabilities: JsonObject = {};
  private logLevel = 'debug';
  private readonly subscriptions = new Map<string, Promise<() => void>>();
  /** Requests of servers that the client has not answered, by the ids that it knows. */
  private readonly questions = new Map<string, Question>();
  private nextQuestion = 1;
  /** What is under way, with what gives it up. */
  private readonly running = new Map<HeldCall, Sent['cancel']>();
  private readonly unlisten: () => void;

  constructor(
    private readonly listener: BackendListener,
    private readonly pool: HeldPool,
  ) {
    this.unlisten = pool.listen({
      onChange: frame => this.changed(frame),
      // Whoever listens goes on with the next one.
      onLost: () => void pool.shared().catch(() => {}),
    });
  }

  get backlog(): number {
    return this.pool.backlog;
  }

  onceDrained(then: () => void): void {
    this.pool.onceDrained(then);
  }

  /** The process serves others too; a reader that falls behind is cut in the end. */
  hold(): void {}

  release(): void {}

  request(frame: RequestFrame, outlet: CallOutlet): Sent {
    const { method, params, idText } = frame;
    switch (method) {
      case 'initialize':
        this.capabilities = ownObject(params, 'capabilities') ?? {};
        return this.answer(frame, outlet, async () => {
          const result = await (await this.pool.shared()).ready;
          return { ...result, protocolVersion: agreedVersion(params) };
        });
      case 'ping':
        outlet.answer(resultText(idText, {}), { status: 'ok' });
        return NOBODY;
      case 'logging/setLevel':
        this.logLevel = String(params?.level);
        outlet.answer(resultText(idText, {}), { status: 'ok' });
        return NOBODY;
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return this.answer(frame, outlet, async () => {
          await this.subscribe(method, String(params?.uri));
          return {};
        });
      default:
        return this.call(frame, outlet);
    }
  }

  notify(frame: NotificationFrame): void {
    if (!OF_A_SESSION.has(frame.method)) this.pool.notify(frame);
  }

  respond(frame: ResponseFrame): void {
    const key = String(JSON.parse(frame.idText));
    const question = this.questions.get(key);
    this.questions.delete(key);
    question?.server.relay.child.send(
      splice(frame.raw, [{ span: frame.idSpan, text: question.idText }]),
    );
  }

  async stop({ text }: SessionEnd): Promise<void> {
    this.unlisten();
    for (const cancel of [...this.running.values()]) cancel();
    for (const stopping of this.subscriptions.values())
      stopping.then(
        stop => stop(),
        () => {},
      );
    this.subscriptions.clear();
    for (const { server, idText } of this.questions.values())
      server.relay.respond(errorFrame(idText, ErrorCode.unavailable, text));
    this.questions.clear();
  }

  private call(frame: RequestFrame, outlet: CallOutlet): Sent {
    const asks = mayAsk(frame.method, this.capabilities);
    const start = async (): Promise<Sent> => {
      const server = asks
        ? await this.pool.checkOut()
        : await this.pool.shared();
      await server.setLogLevel('debug');
      return this.callAt(server, frame, outlet);
    };
    return later(start(), text =>
      outlet.answer(errorText(frame.idText, ErrorCode.unavailable, text), {
        status: 'error',
      }),
    );
  }

  private callAt(
    server: HeldServer,
    frame: RequestFrame,
    outlet: CallOutlet,
  ): Sent {
    const end = (call: HeldCall, spoilt: boolean) => {
      if (!this.running.delete(call)) return;
      for (const [id, question] of this.questions)
        if (question.server === server && server.asks)
          this.questions.delete(id);
      if (server.asks) this.pool.release(server, spoilt);
    };
    const call: HeldCall = {
      send: raw => outlet.send(raw),
      answer: (raw: string, outcome: Outcome) => {
        end(call, outcome.status === 'timeout');
        outlet.answer(raw, outcome);
      },
      onRequest: asked => this.ask(server, asked, outlet),
      onLog: log => {
        if (isLogged(log.params, this.logLevel))
          this.listener.onNotification(log, outlet);
      },
    };
    const cancel: Sent['cancel'] = told => {
      server.cancel(call, told);
      end(call, true);
    };
    this.running.set(call, cancel);
    server.request(frame, call);
    return { cancel };
  }

  private ask(
    server: HeldServer,
    frame: RequestFrame,
    outlet: CallOutlet,
  ): void {
    const { method, params, idText } = frame;
    if (missingCapabilities(method, params, this.capabilities)) {
      const text = `The client cannot be asked for ${method}`;
      server.relay.respond(errorFrame(idText, ErrorCode.methodNotFound, text));
      return;
    }
    const id = `input-${this.nextQuestion++}`;
    this.questions.set(id, { server, idText });
    const text = splice(frame.raw, [
      { span: frame.idSpan, text: JSON.stringify(id) },
    ]);
    this.listener.onRequest(parseFrame(text) as RequestFrame, outlet);
  }

  private answer(
    { idText }: RequestFrame,
    outlet: CallOutlet,
    find: () => Promise<JsonObject>,
  ): Sent {
    const sending = find().then(result => {
      const raw = resultText(idText, result);
      outlet.answer(raw, {
        status: 'ok',
        frame: parseFrame(raw) as ResponseFrame,
      });
      return NOBODY;
    });
    return later(sending, text =>
      outlet.answer(errorText(idText, ErrorCode.unavailable, text), {
        status: 'error',
      }),
    );
  }

  private async subscribe(method: string, uri: string): Promise<void> {
    const known = this.subscriptions.get(uri);
    if (method === 'resources/unsubscribe') {
      this.subscriptions.delete(uri);
      (await known)?.();
      return;
    }
    if (known) return;
    const subscribing = this.pool.subscribe(uri);
    this.subscriptions.set(uri, subscribing);
    try {
      await subscribing;
    } catch (error) {
      this.subscriptions.delete(uri);
      throw error;
    }
  }

  private changed(frame: NotificationFrame): void {
    const uri = updatedUri(frame);
    if (uri === undefined || this.subscriptions.has(String(uri)))
      this.listener.onNotification(frame);
  }
}
