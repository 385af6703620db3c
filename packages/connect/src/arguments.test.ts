import { parseArguments, UsageError } from './arguments';

const url = 'https://portal.example.com/api/mcp-cloud/servers/weather/mcp';

describe('parseArguments', () => {
  it('takes an address', () => {
    expect(parseArguments([url], { XDG_CONFIG_HOME: '/c' })).toEqual({
      url: new URL(url),
      headers: {},
      stateDir: '/c/mcp-connect',
      callbackPort: 33418,
    });
  });

  it('takes a token from the environment, and a header before it', () => {
    const env = { MCP_CONNECT_TOKEN: 'abc', KEY: 'k' };
    expect(parseArguments([url], env)).toMatchObject({
      headers: { authorization: 'Bearer abc' },
    });
    expect(
      parseArguments([url, '--header', 'Authorization: Basic ${KEY}'], env),
    ).toMatchObject({ headers: { authorization: 'Basic k' } });
  });

  it.each([
    [[], 'one URL is needed'],
    [['ftp://x'], 'no http or https address'],
    [['https://me:pass@x'], 'no user or password'],
    [[url, '--header', 'nonsense'], "'Name: value'"],
    [[url, '--header', 'X: ${GONE}'], 'GONE, which is not set'],
    [[url, '--header', 'X: a\nb'], 'no header may hold'],
    [[url, '--callback-port', '0'], 'no port'],
    [[url, '--what'], '--what'],
  ])('refuses %j', (args, words) => {
    const attempt = () => parseArguments(args, {});
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(words);
  });

  it('does not repeat a secret', () => {
    expect(() => parseArguments([url, '--header', 'sec-1 2'], {})).toThrow(
      /^(?!.*sec-1)/,
    );
    expect(() => parseArguments(['https://me:sec-1@x'], {})).toThrow(
      /^(?!.*sec-1)/,
    );
  });
});
