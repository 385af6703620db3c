// The limit of what a bridge on Node can reach: node:http that reads a body, parses it and answers, with no child.
import { createServer } from 'node:http';

const [port] = process.argv.slice(2).map(Number);

const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'bare', version: '1.0.0' },
  }),
  'tools/call': ({ arguments: { text = '' } = {} }) => ({
    content: [{ type: 'text', text }],
  }),
};

createServer((req, res) => {
  if (req.method !== 'POST') {
    res.writeHead(405).end();
    return;
  }
  let body = '';
  req.setEncoding('utf8');
  req.on('data', text => {
    body += text;
  });
  req.on('end', () => {
    const { id, method, params } = JSON.parse(body);
    if (id === undefined) {
      res.writeHead(202).end();
      return;
    }
    const result = results[method]?.(params) ?? {};
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result });
    res.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    res.end(answer);
  });
}).listen(port, '127.0.0.1');
