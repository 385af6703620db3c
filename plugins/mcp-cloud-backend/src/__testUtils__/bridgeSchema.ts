import path from 'node:path';

const bridgeModule = (name: string) =>
  jest.requireActual(
    path.resolve(__dirname, '../../../../packages/bridge/src/config', name),
  );

/**
 * The bridge's own idea of its configuration, for tests that hold what is rendered to it. Loaded by path, as no plugin
 * depends on the bridge.
 */
export function bridgeSchema() {
  const { configFrom } = bridgeModule('load');
  const { OPTIONS, unknownKeysIn } = bridgeModule('options');
  return {
    /** Throws in words when the bridge would refuse to start with these settings. */
    configFrom: configFrom as (settings: object) => unknown,
    /** Paths of settings that mean nothing to the bridge. */
    unknownKeysIn: unknownKeysIn as (settings: object) => string[],
    /** Every option as a path such as `limits.maxBody`. */
    options: (OPTIONS as Array<{ path: string[] }>).map(option =>
      option.path.join('.'),
    ),
  };
}
