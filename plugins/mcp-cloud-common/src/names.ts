/**
 * A server's name: unique on the platform, and short enough that every Kubernetes object derived from it is a
 * valid DNS label. `--` is refused because it separates the name from the part in `mcp-<name>--<part>`, so that no
 * two servers can ever render an object of the same name.
 */
export const SERVER_NAME_PATTERN = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** Says in words what is wrong with a server name, or `undefined` when it is fine. */
export function serverNameProblem(name: string): string | undefined {
  if (name.length > 40) {
    return `A name has at most 40 characters, this one has ${name.length}. Choose a shorter one.`;
  }
  if (name.includes('--')) {
    return 'A name must not contain "--". Use single hyphens.';
  }
  if (!SERVER_NAME_PATTERN.test(name)) {
    return 'A name starts with a lower-case letter, goes on with lower-case letters, digits and hyphens, and ends with a letter or digit.';
  }
  return undefined;
}

/** The name of a server's Kubernetes object: `mcp-<name>`, or `mcp-<name>--<part>` for all but the main ones. */
export function objectName(server: string, part?: string): string {
  return part ? `mcp-${server}--${part}` : `mcp-${server}`;
}
