import type { Person } from './Person.ts';

const CHANNEL = 'mcp-cloud:servers';

/** The socket over which pages hear that a server changed. */
export class SignalSocket {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(
    person: Person,
    /** Without an id any server may have changed. */
    onChange: (id: string | undefined, version: number) => void,
  ): Promise<SignalSocket> {
    const { origin } = new URL(person.base);
    const url = `${origin.replace('http', 'ws')}/api/signals`;
    const socket = new WebSocket(url, person.token);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener(
        'error',
        () => reject(new Error(`${url}: no socket`)),
        { once: true },
      );
    });
    socket.addEventListener('message', ({ data }) => {
      const { channel, message } = JSON.parse(String(data)) as {
        channel: string;
        message: { id?: string; version: number };
      };
      if (channel === CHANNEL) {
        onChange(message.id, message.version);
      }
    });
    socket.send(JSON.stringify({ action: 'subscribe', channel: CHANNEL }));
    return new SignalSocket(socket);
  }

  close(): void {
    this.#socket.close();
  }
}
