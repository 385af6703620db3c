import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { Bridge } from '../bridge';
import { eraCommand, startBridge } from '../__testUtils__/bridge';
import { Issuer } from '../__testUtils__/tokens';

type Era = 'legacy' | 'modern';

/** Lets nobody pass before everybody has come. */
class Meeting {
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly size: number) {}

  arrive(): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push(resolve);
      if (this.waiting.length < this.size) return;
      for (const goOn of this.waiting.splice(0)) goOn();
    });
  }
}

const PEOPLE = ['alice', 'bob'];
const ROUNDS = 5;

// Servers on the SDK take a second to start, more on a busy machine.
jest.setTimeout(60_000);

describe.each<{ client: Era; server: Era; isolation: 'session' | 'shared' }>([
  { client: 'legacy', server: 'legacy', isolation: 'session' },
  { client: 'legacy', server: 'legacy', isolation: 'shared' },
  { client: 'modern', server: 'modern', isolation: 'session' },
  { client: 'modern', server: 'modern', isolation: 'shared' },
  { client: 'modern', server: 'legacy', isolation: 'session' },
  { client: 'modern', server: 'legacy', isolation: 'shared' },
  { client: 'legacy', server: 'modern', isolation: 'session' },
  { client: 'legacy', server: 'modern', isolation: 'shared' },
])(
  'two principals, $client, who are asked by a $server server ($isolation)',
  ({ client: era, server, isolation }) => {
    let bridge: Bridge;
    let issuer: Issuer;
    const clients: Client[] = [];
    beforeAll(async () => {
      issuer = await Issuer.create();
      bridge = await startBridge({
        command: eraCommand,
        auth: issuer.auth(),
        era: server,
        isolation,
      });
    });
    afterAll(async () => {
      for (const client of clients) await client.close();
      await bridge.stop();
    });

    /** A client that answers with its name, once everybody was asked, and notes what it was asked. */
    const connect = async (name: string, meeting: Meeting, asked: string[]) => {
      const client = new Client(
        { name, version: '1' },
        {
          capabilities: { elicitation: { form: {} } },
          versionNegotiation: {
            mode: era === 'legacy' ? 'legacy' : { pin: '2026-07-28' },
          },
        },
      );
      client.setRequestHandler('elicitation/create', async ({ params }) => {
        asked.push(params.message);
        await meeting.arrive();
        return { action: 'accept' as const, content: { name } };
      });
      const url = new URL(`http://localhost:${bridge.port}/mcp`);
      const headers = await issuer.bearer({ sub: `user:default/${name}` });
      const transport = new StreamableHTTPClientTransport(url, {
        requestInit: { headers },
      });
      await client.connect(transport);
      clients.push(client);
      return client;
    };

    it('answer each their own, at the same moment', async () => {
      const meeting = new Meeting(PEOPLE.length);
      const rounds = PEOPLE.map(async name => {
        const asked: string[] = [];
        const client = await connect(name, meeting, asked);
        const answers: string[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const message = `${name}, ${round}`;
          const args = { kinds: ['form'], message };
          const { content } = await client.callTool({
            name: 'ask',
            arguments: args,
          });
          const [first] = content;
          answers.push(first.type === 'text' ? first.text : '');
          expect(asked.splice(0)).toEqual([message]);
        }
        return answers;
      });
      for (const [at, answers] of (await Promise.all(rounds)).entries())
        expect(answers.map(text => JSON.parse(text)[0])).toEqual(
          Array.from({ length: ROUNDS }, () =>
            expect.objectContaining({ content: { name: PEOPLE[at] } }),
          ),
        );
    });
  },
);
