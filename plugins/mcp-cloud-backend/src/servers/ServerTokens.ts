import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerToken } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ServerRow } from '../database/rows';
import type { TokenSigner } from '../keys/types';

/** The tokens by which MCP clients come to a server. To make them void is a change: see `ServerCommands`. */
export class ServerTokens {
  readonly #signer: TokenSigner;

  constructor(signer: TokenSigner) {
    this.#signer = signer;
  }

  async create(
    row: ServerRow,
    ttlSeconds: number,
    subject: string,
  ): Promise<ServerToken> {
    // Right after a revocation the current second is void: a token of it would be born dead.
    const voidForMs = Number(row.tokens_not_before) * 1000 - Date.now();
    if (voidForMs > 0) {
      // A little longer: timers may be early by a millisecond.
      await sleep(Math.min(voidForMs, 1_000) + 2);
    }
    const { token, expiresAt } = await this.#signer.sign({
      audience: row.id,
      subject,
      ttlSeconds,
    });
    return { token, expiresAt: expiresAt.toISOString() };
  }

  /** The subject of a token for this server. */
  verify(row: ServerRow, token: string) {
    return this.#signer.verify(token, {
      id: row.id,
      tokensNotBefore: Number(row.tokens_not_before),
    });
  }
}
