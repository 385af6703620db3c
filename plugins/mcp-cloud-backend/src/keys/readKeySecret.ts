import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';

const MIN_LENGTH = 32;

/** The secret that seals the signing keys; throws with what to do when there is none. */
export function readKeySecret(config: Config, logger: LoggerService): string {
  const secret = config.getOptionalString('mcpCloud.keys.secret');
  if (secret !== undefined) {
    if (secret.length < MIN_LENGTH) {
      throw new Error(
        `mcpCloud.keys.secret has ${secret.length} characters and needs at least ${MIN_LENGTH}. ` +
          'Make one with: openssl rand -base64 32',
      );
    }
    return secret;
  }
  if (config.getOptionalBoolean('mcpCloud.keys.insecureDevelopmentSecret')) {
    if (process.env.NODE_ENV === 'production') {
      throw new Error(
        'mcpCloud.keys.insecureDevelopmentSecret is refused in production. Set mcpCloud.keys.secret.',
      );
    }
    logger.warn(
      'The keys that sign tokens for MCP servers are sealed with a secret that everybody knows ' +
        '(mcpCloud.keys.insecureDevelopmentSecret). Never do this with servers that matter.',
    );
    return 'mcp-cloud development secret, known to everybody';
  }
  throw new Error(
    'mcpCloud.keys.secret is missing. It seals the keys that sign tokens for MCP servers; ' +
      'make one with: openssl rand -base64 32',
  );
}
