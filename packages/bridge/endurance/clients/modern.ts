import { Ledger, type Call } from '../ledger.ts';
import { exchange } from './exchange.ts';
import { requestText, type Message } from './message.ts';
import { sampled, type Worker, type WorkerOptions } from './worker.ts';

const META = 'io.modelcontextprotocol/';
const VERSION = '2026-07-28';

/** Headers and body of a call of 2026-07-28. */
export function modernCall(
  idText: string,
  name: string,
  params: object,
  meta: object = {},
) {
  const _meta = {
    [`${META}protocolVersion`]: VERSION,
    [`${META}clientInfo`]: { name: 'endurance', version: '1' },
    [`${META}clientCapabilities`]: {},
    ...meta,
  };
  return {
    headers: {
      'mcp-protocol-version': VERSION,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: requestText(idText, 'tools/call', { name, ...params, _meta }),
  };
}

/** One of 2026-07-28, which has no session: each request stands for itself. */
export function modernWorker({
  subject: { port },
  tally,
  asked,
  headers: given,
}: WorkerOptions): Worker {
  const ledger = new Ledger(tally);

  /** @returns what the server asks for before it goes on */
  async function round(call: Call, more: object): Promise<Message | undefined> {
    const { marker, asks, token, idText } = call;
    const { headers, body } = modernCall(
      idText,
      'work',
      { arguments: { marker, asks }, ...more },
      {
        progressToken: token,
        [`${META}clientCapabilities`]: asked ? { sampling: {} } : {},
        [`${META}logLevel`]: 'debug',
      },
    );
    let wants: Message | undefined;
    await exchange(port, {
      headers: { ...given, ...headers },
      body,
      onMessage: message => {
        if (message.result?.resultType === 'input_required') wants = message;
        else ledger.receive(message, call);
      },
    });
    return wants;
  }

  async function answered(call: Call): Promise<void> {
    const wants = await round(call, {});
    const { inputRequests = {}, requestState } = wants?.result ?? {};
    const [name] = Object.keys(inputRequests);
    if (name === undefined) return;
    ledger.receive(inputRequests[name], call); // a question, and whose it is
    const inputResponses = { [name]: sampled(call.marker) };
    await round(call, { inputResponses, requestState });
  }

  return {
    async work(call) {
      ledger.begin(call);
      await answered(call).then(
        () => ledger.lose('the reply ended without an answer', [call]),
        (error: Error) => ledger.lose(error.message, [call]),
      );
    },
    async close() {},
    abandon() {},
  };
}
