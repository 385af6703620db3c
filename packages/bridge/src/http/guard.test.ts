import { guard } from './guard';

const allow = {
  allowedHosts: ['mcp.example', 'exact.example:8443'],
  allowedOrigins: ['https://portal.example'],
};

describe('guard', () => {
  it.each([
    'localhost:8080',
    '127.0.0.1',
    '[::1]:80',
    'mcp.example',
    'MCP.example:99',
    'exact.example:8443',
  ])('lets the host %s in', host =>
    expect(() => guard({ host }, allow)).not.toThrow(),
  );

  it.each([
    'evil.example',
    'exact.example',
    'exact.example:1',
    'mcp.example.evil.example',
    '',
    'localhost@evil.example',
    undefined,
  ])('refuses the host %s', host =>
    expect(() => guard({ host }, allow)).toThrow('allowedHosts'),
  );

  it.each(['http://localhost:6274', 'https://portal.example'])(
    'lets a page of %s in',
    origin =>
      expect(() => guard({ host: 'localhost', origin }, allow)).not.toThrow(),
  );

  it.each([
    'null',
    'https://evil.example',
    'https://portal.example.evil.example',
    'file://localhost',
  ])('refuses a page of %s', origin =>
    expect(() => guard({ host: 'localhost', origin }, allow)).toThrow(
      'allowedOrigins',
    ),
  );
});
