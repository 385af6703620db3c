import { AgentInput, AgentOutput } from './channels';
import { WINDOW } from './frames';

const tick = () => new Promise(resolve => setImmediate(resolve));

describe('channels of a process at an agent', () => {
  it('send no more than there is credit for', async () => {
    const sent: Buffer[] = [];
    const input = new AgentInput(bytes => sent.push(bytes));
    const bytes = () => sent.reduce((sum, one) => sum + one.length, 0);
    input.write(Buffer.alloc(WINDOW + 1000));
    input.end('the end');
    await tick();
    expect(bytes()).toBe(WINDOW);
    input.grant(400);
    await tick();
    expect(bytes()).toBe(WINDOW + 400);
    input.grant(WINDOW);
    await tick();
    expect(Buffer.concat(sent).toString().endsWith('the end')).toBe(true);
    expect(sent.at(-1)).toHaveLength(0);
  });

  it('give credit back for what was read, and for nothing else', async () => {
    let granted = 0;
    const output = new AgentOutput(bytes => {
      granted += bytes;
    });
    const chunk = Buffer.alloc(WINDOW / 8);
    for (let i = 0; i < 8; i++) output.receive(chunk);
    await tick();
    expect(granted).toBe(0);
    expect(() => output.receive(Buffer.of(1))).toThrow('credit');
    output.resume();
    await tick();
    expect(granted).toBeGreaterThan(WINDOW / 2);
    output.pause();
    const before = granted;
    output.receive(chunk);
    output.receive(chunk);
    await tick();
    expect(granted).toBe(before);
  });

  it('go on after any pause, however often', async () => {
    let credit = WINDOW;
    const output = new AgentOutput(bytes => {
      credit += bytes;
    });
    let read = 0;
    output.on('data', (bytes: Buffer) => {
      read += bytes.length;
    });
    for (let round = 0; round < 20; round++) {
      output.pause();
      expect(credit).toBeGreaterThan(0);
      while (credit > 0) {
        const size = Math.min(credit, 32 * 1024);
        credit -= size;
        output.receive(Buffer.alloc(size));
      }
      output.resume();
      await tick();
    }
    expect(read).toBeGreaterThan(10 * WINDOW);
  });
});
