import { ErrorCode, errorText } from '../../frames/errors';
import { isObject, JsonObject, own, ownObject } from '../../frames/json';

/** How long a stream may stay open after the answer has come on it, in milliseconds. */
const LINGER_MS = 5000;

export interface CallOptions {
  /** As the message writes it. */
  readonly idText: string;
  /** Takes a message of the server. Resolves when the next may come. */
  readonly deliver: (message: string) => Promise<void>;
  /** Hears of the answer before it is delivered; both are missing when there is none. */
  readonly onAnswer?: (result?: JsonObject, error?: JsonObject) => void;
}

/** A request that the server is to answer. */
export class Call {
  /** Nothing more is wanted of it. */
  done = false;
  private readonly abort = new AbortController();
  private linger?: NodeJS.Timeout;

  constructor(private readonly options: CallOptions) {}

  /** Ends its reply. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Passes a message on that has come in its reply. */
  async take(text: string): Promise<void> {
    const message = parsed(text);
    const isAnswer =
      message !== undefined &&
      own(message, 'method') === undefined &&
      JSON.stringify(own(message, 'id')) === this.options.idText;
    if (isAnswer) this.answered(message);
    await this.options.deliver(text);
  }

  /** Answers with the error in a reply that does not name the request; in words of the bridge when there is none. */
  async refuse(text: string, otherwise: string): Promise<void> {
    const error = ownObject(parsed(text), 'error');
    if (!error) {
      await this.fail(otherwise);
      return;
    }
    this.answered({ error });
    await this.options.deliver(
      `{"jsonrpc":"2.0","id":${this.options.idText},"error":${JSON.stringify(
        error,
      )}}`,
    );
  }

  /** Answers with an error, unless there is an answer. */
  async fail(text: string): Promise<void> {
    if (this.done) return;
    this.answered({});
    const { idText, deliver } = this.options;
    await deliver(errorText(idText, ErrorCode.unavailable, text));
  }

  /** Nobody waits for the answer. */
  cancel(): void {
    this.done = true;
    this.close();
    this.abort.abort();
  }

  /** Its reply has ended. */
  close(): void {
    clearTimeout(this.linger);
  }

  private answered(message: JsonObject): void {
    this.done = true;
    this.linger = setTimeout(() => this.abort.abort(), LINGER_MS);
    this.linger.unref();
    this.options.onAnswer?.(
      ownObject(message, 'result'),
      ownObject(message, 'error'),
    );
  }
}

/** The message in a text; whoever reads it says what is wrong with one that is none. */
function parsed(text: string): JsonObject | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
