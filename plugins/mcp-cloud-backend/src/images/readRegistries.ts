import type { Config } from '@backstage/config';
import type { RegistrySettings } from './types';

const HOST = /^[a-z0-9.[\]:-]+$/;

/** Reads `mcpCloud.registries`. Throws in words when something is wrong with it. */
export function readRegistries(config: Config): RegistrySettings[] {
  const entries = config.getOptionalConfigArray('mcpCloud.registries') ?? [];
  return entries.map((entry, index) => {
    const refuse = (problem: string): never => {
      throw new Error(`mcpCloud.registries[${index}]: ${problem}`);
    };
    const host = entry.getString('host');
    const otherHosts = entry.getOptionalStringArray('otherHosts') ?? [];
    [host, ...otherHosts]
      .filter(name => !HOST.test(name))
      .forEach(name =>
        refuse(
          `"${name}" is no host. Write it as images do, without https://.`,
        ),
      );
    const username = entry.getOptionalString('username');
    const password = entry.getOptionalString('password');
    const token = entry.getOptionalString('token');
    if ((username === undefined) !== (password === undefined)) {
      refuse('username and password belong together.');
    }
    if (token !== undefined && username !== undefined) {
      refuse('give a token, or a username and a password, and not both.');
    }
    return {
      host,
      otherHosts,
      insecure: entry.getOptionalBoolean('insecure') ?? false,
      privateAddresses: entry.getOptionalBoolean('privateAddresses') ?? false,
      ...(token !== undefined && { login: { token } }),
      ...(username !== undefined &&
        password !== undefined && { login: { username, password } }),
    };
  });
}
