import { parseArguments } from './arguments.ts';

const parse = (line: string) => parseArguments(line.split(' '));

describe('parseArguments', () => {
  it('takes options on either side of the command', () => {
    expect(parse('up --json --name two')).toMatchObject({
      command: 'up',
      json: true,
      name: 'two',
    });
    expect(parse('--name=two --state-dir /s status')).toMatchObject({
      command: 'status',
      name: 'two',
      stateDir: '/s',
    });
  });

  it('leaves to kubectl what is kubectl’s', () => {
    expect(parse('kubectl --name two get pods --name x --json -h')).toEqual({
      command: 'kubectl',
      name: 'two',
      addOns: [],
      json: false,
      help: false,
      rest: ['get', 'pods', '--name', 'x', '--json', '-h'],
    });
    expect(parse('kubectl -n kube-system get pods').rest).toEqual([
      '-n',
      'kube-system',
      'get',
      'pods',
    ]);
  });

  it('reads the names of add-ons', () => {
    expect(parse('up --with ingress,certificates').addOns).toEqual([
      'ingress',
      'certificates',
    ]);
    expect(parse('up --with=certificates').addOns).toEqual(['certificates']);
    expect(() => parse('up --with ingress,dns')).toThrow(
      'there is no add-on "dns", only ingress, certificates',
    );
    expect(() => parse('up --with')).toThrow('there is no add-on ""');
  });

  it('refuses what it does not know', () => {
    expect(() => parse('upp')).toThrow(/what is "upp"/);
    expect(() => parse('up --force')).toThrow(/what is "--force"/);
    expect(() => parse('up --name')).toThrow(/needs a value/);
  });
});
