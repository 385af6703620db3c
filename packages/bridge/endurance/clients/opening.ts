import type { Message } from './message.ts';

/** Takes the answer to `initialize` off what a connection brings. */
export function untilInitialized(onMessage: (message: Message) => void) {
  let done: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const initialized = new Promise<void>((resolve, reject) => {
    done = resolve;
    fail = reject;
  });
  initialized.catch(() => {}); // whoever waits for it hears of it
  return {
    done: initialized,
    fail: (error: Error) => fail(error),
    onMessage: (message: Message) => {
      if (message.id !== 'initialize') onMessage(message);
      else if (message.error) fail(new Error(message.error.message));
      else done();
    },
  };
}
