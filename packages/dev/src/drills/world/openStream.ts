import http from 'node:http';

/** An answer of server-sent events, as it comes: nothing here waits for anything but the first bytes. */
export interface OpenStream {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Calls back with each event's data and when it came. Resolves when the answer ends or is cut. */
  read(onData: (data: string, at: number) => void): Promise<void>;
  close(): void;
}

/** Sends a request whose answer stays open. Plain `node:http`, so that no library buffers or decompresses. */
export function openStream(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false });
    request.on('error', reject);
    request.on('response', response => {
      response.setEncoding('utf8');
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        read: onData =>
          new Promise(ended => {
            let rest = '';
            response.on('data', (chunk: string) => {
              const at = Date.now();
              const blocks = (rest + chunk).split(/\r?\n\r?\n/);
              rest = blocks.pop() ?? '';
              for (const block of blocks) {
                const data = block
                  .split(/\r?\n/)
                  .filter(line => line.startsWith('data:'))
                  .map(line => line.slice(5).trimStart())
                  .join('\n');
                if (data) {
                  onData(data, at);
                }
              }
            });
            response.on('error', () => {}); // told by `close` too
            response.on('close', () => ended());
          }),
        close: () => request.destroy(),
      });
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
