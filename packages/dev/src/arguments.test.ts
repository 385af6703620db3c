import { parseArguments } from './arguments';

describe('parseArguments', () => {
  it('means "up" of the portal "dev" when nothing is said', () => {
    expect(parseArguments([])).toMatchObject({
      command: 'up',
      name: 'dev',
      port: undefined,
      watch: false,
      help: false,
    });
  });

  it('takes values in both ways', () => {
    expect(
      parseArguments([
        'up',
        '--name=two',
        '--port',
        '7100',
        '--kubeconfig=/a=b',
        '--context',
        'c',
      ]),
    ).toMatchObject({
      name: 'two',
      port: 7100,
      kubeconfig: '/a=b',
      context: 'c',
    });
  });

  it('knows which log to follow', () => {
    expect(parseArguments(['logs', 'oidc', '-f'])).toMatchObject({
      command: 'logs',
      service: 'oidc',
      follow: true,
    });
  });

  it.each([
    [['--bogus'], 'no option --bogus'],
    [['fly'], 'no command "fly"'],
    [['up', 'there'], 'What is "there"'],
    [['--port'], '--port needs a value'],
    [['--port', '80'], '"80" is no port'],
    [['--port', '7007x'], '"7007x" is no port'],
    [['--name', '../up'], '"../up" is no name'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
