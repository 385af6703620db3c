import type { Message } from './clients/message.ts';

/** The longest id that the bridge takes, in characters of JSON. */
export const MAX_ID = 1024;

/** One call of the tool `work`, and what came of it. */
export class Call {
  /** In everything that the server says because of this call. */
  readonly marker: string;
  /** As JSON. */
  readonly idText: string;
  readonly token: string | number;
  /** The server asks its client something on the way. */
  readonly asks: boolean;
  /** Its id is too long, so it is refused, under no id. */
  readonly isRefused: boolean;
  steps = 0;
  logs = 0;
  questions = 0;
  /** What the server answered, without its marker; undefined for an error. */
  answer?: string;
  readonly settled: Promise<void>;
  settle: () => void = () => {};
  isSettled = false;

  constructor(
    marker: string,
    idText: string,
    token: string | number,
    asks: boolean,
  ) {
    this.marker = marker;
    this.idText = idText;
    this.token = token;
    this.asks = asks;
    this.isRefused = idText.length > MAX_ID;
    this.settled = new Promise(resolve => {
      this.settle = () => {
        this.isSettled = true;
        resolve();
      };
    });
  }
}

/** Details of what went wrong that are kept, of each kind. */
const MAX_DETAILS = 10;

/** What all sessions of a run have seen. */
export class Tally {
  calls = 0;
  messages = 0;
  logs = 0;
  questions = 0;
  /** Calls with an id that is too long, which were told so. */
  refused = 0;
  /** Messages on a stream that is not theirs. */
  wrong = 0;
  /** Calls that got no good answer, or not all that belongs to them. */
  lacking = 0;
  readonly details: string[] = [];

  mistake(kind: 'wrong' | 'lacking', detail: string): void {
    if (++this[kind] <= MAX_DETAILS)
      this.details.push(`${kind}: ${detail.slice(0, 300)}`);
  }
}

export const answerTo = (marker: string): string => `answer to ${marker}`;

/**
 * The calls of one session, those that were answered too, as logs may come over another connection: knows for each message that comes whether it is of
 * this session and, on the reply of a call, of that call.
 */
export class Ledger {
  private readonly calls = new Map<string, Call>();
  private readonly tally: Tally;
  /** Answers a question of the server, by the marker in it. */
  onQuestion: (message: Message, call: Call) => void = () => {};

  constructor(tally: Tally) {
    this.tally = tally;
  }

  begin(call: Call): void {
    this.calls.set(call.marker, call);
    this.tally.calls++;
  }

  /** @param on the call whose own reply it came on */
  receive(message: Message, on?: Call): void {
    this.tally.messages++;
    if (message.method === undefined) this.answered(message, on);
    else this.told(message, on);
  }

  /** There will be no answer. */
  lose(why: string, lost: readonly Call[] = [...this.calls.values()]): void {
    for (const call of lost) {
      if (call.isSettled) continue;
      this.tally.mistake('lacking', `${call.marker}: ${why}`);
      call.settle();
    }
  }

  private told(message: Message, on?: Call): void {
    const { params = {}, method } = message;
    const marker =
      method === 'notifications/progress'
        ? params.message
        : params.data ?? params.messages?.[0]?.content.text;
    const call = this.calls.get(String(marker));
    if (!call || (on && on !== call)) {
      const where = on ? `the reply of ${on.marker}` : 'another session';
      this.tally.mistake('wrong', `${method} of ${marker} on ${where}`);
      return;
    }
    if (method === 'notifications/progress') {
      if (params.progressToken !== call.token)
        this.tally.mistake('wrong', `token ${JSON.stringify(params)}`);
      if (params.progress !== ++call.steps)
        this.tally.mistake('wrong', `order ${JSON.stringify(params)}`);
    } else if (method === 'notifications/message') {
      call.logs++;
      this.tally.logs++;
    } else if (method === 'sampling/createMessage') {
      call.questions++;
      this.tally.questions++;
      this.onQuestion(message, call);
    } else this.tally.mistake('wrong', `unexpected ${method}`);
  }

  private answered({ id, result, error }: Message, on?: Call): void {
    const [marker, answer] = (result?.content?.[0]?.text ?? '|').split('|');
    const call = error ? on ?? this.withId(id) : this.calls.get(marker);
    // What the client said to a question was refused, as the session has ended: that is of no call.
    if (!call && error && id === null) return;
    // Over one connection it was lost with its session; over its own, the session is not known any more.
    const isUnknown = error?.data?.reason === 'session_unknown';
    if (isUnknown && on?.isSettled && on.answer === undefined) return;
    if (!call || call.isSettled || (on && on !== call)) {
      const what = JSON.stringify({ result, error });
      this.tally.mistake('wrong', `answer ${what} for ${on?.marker}`);
      return;
    }
    // A request that is refused as a whole, as its session has ended, is answered under no id, on its own reply.
    const isBare = error !== undefined && on !== undefined && id === null;
    const expected = call.isRefused ? 'null' : call.idText;
    if (!isBare && JSON.stringify(id) !== expected)
      this.tally.mistake('wrong', `id ${JSON.stringify(id)} of ${marker}`);
    if (error && call.isRefused) this.tally.refused++;
    else if (error || call.isRefused)
      this.tally.mistake('lacking', `${call.marker}: ${JSON.stringify(error)}`);
    else {
      call.answer = answer;
      this.complete(call);
    }
    call.settle();
  }

  private complete({ marker, asks, answer, steps, questions }: Call): void {
    const expected = asks ? answerTo(marker) : 'not asked';
    if (answer !== expected)
      this.tally.mistake('wrong', `${marker} was told: ${answer}`);
    if (steps !== 2 || questions !== (asks ? 1 : 0))
      this.tally.mistake('lacking', `${marker}: ${steps} steps`);
  }

  private withId(id: unknown): Call | undefined {
    const text = JSON.stringify(id);
    return [...this.calls.values()].find(
      call =>
        !call.isSettled &&
        (call.isRefused ? text === 'null' : call.idText === text),
    );
  }
}
