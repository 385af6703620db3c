import { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Capabilities } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { Request, Response } from 'express';
import { readText } from '../clusters/HttpKubeApi';
import { KubeApiError, parseStatus } from '../clusters/KubeApiError';
import type { BridgeReport, ClusterConnection } from '../clusters/types';
import type { TokenSigner } from '../keys/types';
import { ADMIN_PORT, MCP_PORT } from '../manifests/names';
import { isEnding, isReady } from '../status/podFacts';
import { podProxyPath, serviceProxyPath } from './bridgeAddress';
import { BridgeUnreachableError } from './BridgeUnreachableError';
import { CLIENT, listCapabilities } from './listCapabilities';
import { McpSession, wordsOf } from './McpSession';
import { headersForBridge, headersForClient } from './proxyHeaders';
import { toReport, toUsage } from './bridgeAnswers';
import { RefusedError } from './RefusedError';
import type { BridgeGateway, BridgeUsage } from './types';

/** In whose name the portal asks for itself. */
const PORTAL_SUBJECT = 'plugin:mcp-cloud';
const OWN_TTL_SECONDS = 120;
/** Life of the token behind one request of a client: long enough for a stream, never longer than the client's own. */
const CALL_TTL_SECONDS = 3600;
/** The longest delay of a Node timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MAX_ERROR_BYTES = 64 * 1024;
/** Room for the 10,000 pairs that a bridge tells apart. */
const MAX_REPORT_BYTES = 8 * 1024 * 1024;

/** Reaches bridges through the API server's proxy, which works from inside and outside of the cluster alike. */
export class KubeProxyGateway implements BridgeGateway {
  readonly #signer: Pick<TokenSigner, 'sign'>;
  readonly #logger: LoggerService;
  readonly #open = new Set<AbortController>();

  constructor(options: {
    signer: Pick<TokenSigner, 'sign'>;
    logger: LoggerService;
  }) {
    this.#signer = options.signer;
    this.#logger = options.logger;
  }

  async handshake(
    cluster: ClusterConnection,
    server: { id: string; name: string; revision: number },
    signal: AbortSignal,
  ): Promise<Capabilities> {
    await this.#checkService(cluster, server.name, signal);
    const pod = this.#chooseForHandshake(cluster, server);
    const session = await this.#session(cluster, server, pod, signal);
    try {
      return await listCapabilities(session, server.revision);
    } finally {
      await session.close();
    }
  }

  async probe(
    cluster: ClusterConnection,
    server: { id: string },
    podName: string,
    signal: AbortSignal,
  ): Promise<void> {
    const session = await this.#session(cluster, server, podName, signal);
    try {
      const { capabilities } = await session.initialize(CLIENT);
      // A bridge that keeps processes for all may answer the first one by itself.
      await session.request(capabilities.tools ? 'tools/list' : 'ping', {});
    } catch (error) {
      if (!(error instanceof RefusedError) || error.meansSilence) {
        throw error;
      }
      // It may be full of sessions that nobody can use any more.
      const { ready } = await this.report(cluster, server, podName, signal);
      if (!ready.ok) {
        throw error;
      }
    } finally {
      await session.close();
    }
  }

  async report(
    cluster: ClusterConnection,
    server: { id: string },
    podName: string,
    signal: AbortSignal,
  ): Promise<BridgeReport> {
    return toReport(
      await this.#ask(cluster, server, podName, '/status', signal),
    );
  }

  async usage(
    cluster: ClusterConnection,
    server: { id: string },
    podName: string,
    signal: AbortSignal,
  ): Promise<BridgeUsage> {
    return toUsage(await this.#ask(cluster, server, podName, '/usage', signal));
  }

  /** What the bridge of one pod answers on its admin port. */
  async #ask(
    cluster: ClusterConnection,
    server: { id: string },
    podName: string,
    path: '/status' | '/usage',
    signal: AbortSignal,
  ): Promise<string> {
    const response = await cluster.api.stream({
      method: 'GET',
      path: podProxyPath(cluster, podName, ADMIN_PORT, path),
      headers: {
        accept: 'application/json',
        'mcp-cloud-authorization': await this.#authorization(
          server.id,
          PORTAL_SUBJECT,
          OWN_TTL_SECONDS,
        ),
      },
      signal,
    });
    const status = response.statusCode ?? 0;
    const text = await readText(response, MAX_REPORT_BYTES);
    if (status >= 400) {
      // The proxy's own words mean that it got no answer; a bridge's refusal has another shape.
      if (status >= 500 && parseStatus(text)) {
        throw new BridgeUnreachableError(
          'Nothing answers in the pod on the port of the bridge.',
        );
      }
      throw parseStatus(text)
        ? KubeApiError.fromResponse(status, text)
        : new Error(wordsOf(status, text));
    }
    return text;
  }

  async proxy(
    cluster: ClusterConnection,
    server: { id: string; name: string },
    caller: { subject: string; expiresAt?: Date },
    req: Request & IncomingMessage,
    res: Response,
  ): Promise<void> {
    const { pods } = cluster.observe(server);
    if (!pods.some(pod => isReady(pod) && !isEnding(pod))) {
      const why =
        cluster.health().state === 'unreachable'
          ? 'its cluster is not reached'
          : 'it has no ready pod';
      refuse(
        res,
        503,
        -32000,
        `The server ${server.name} does not answer at the moment: ${why}.`,
        { 'retry-after': '5' },
      );
      return;
    }
    const life = caller.expiresAt
      ? caller.expiresAt.getTime() - Date.now()
      : Infinity;
    if (life <= 0) {
      refuse(res, 401, -32000, 'The token has expired.');
      return;
    }
    const stream = new AbortController();
    const gone = () => stream.abort();
    const expiry = Number.isFinite(life)
      ? setTimeout(gone, Math.min(life, MAX_TIMER_MS))
      : undefined;
    this.#open.add(stream);
    res.once('close', gone);
    try {
      const ttl = Math.max(
        1,
        Math.min(CALL_TTL_SECONDS, Math.ceil(life / 1000)),
      );
      const answer = await cluster.api.stream({
        method: req.method as 'GET',
        // Any pod will do: bridges pass requests on to the one that has the session.
        path: serviceProxyPath(cluster, server.name, MCP_PORT, '/mcp'),
        headers: {
          ...headersForBridge(req.headers),
          'mcp-cloud-authorization': await this.#authorization(
            server.id,
            caller.subject,
            ttl,
          ),
        },
        body: req.method === 'POST' ? req : undefined,
        signal: stream.signal,
        // The bridge limits how long a call takes; a server may think until then before the first byte.
        headersTimeoutMs: 0,
      });
      await this.#answer(answer, server, res, stream.signal);
    } catch (error) {
      this.#failed(error, server, res, stream.signal);
    } finally {
      clearTimeout(expiry);
      res.off('close', gone);
      this.#open.delete(stream);
    }
  }

  close(): void {
    for (const stream of this.#open) {
      stream.abort();
    }
  }

  async #answer(
    answer: IncomingMessage,
    server: { name: string },
    res: Response,
    signal: AbortSignal,
  ): Promise<void> {
    const status = answer.statusCode ?? 502;
    const headers = headersForClient(answer.headers);
    if (status === 401 || status === 403 || status >= 500) {
      const text = await readText(answer, MAX_ERROR_BYTES);
      if (parseStatus(text)) {
        this.#logger.warn(
          `The proxy to ${server.name} answered ${status}: ${
            parseStatus(text)?.message
          }`,
        );
        refuse(
          res,
          status === 403 ? 502 : 503,
          -32000,
          `The pod of ${server.name} does not answer.`,
          { 'retry-after': '2' },
        );
        return;
      }
      if (status === 401) {
        // To the client its own credentials are fine; a 401 would send it looking for others.
        this.#logger.error(
          `The bridge of ${server.name} does not accept the portal's token: ${text}`,
        );
        refuse(
          res,
          502,
          -32000,
          `The bridge of ${server.name} does not accept the portal's token. Deploy the server again.`,
        );
        return;
      }
      delete headers['content-length'];
      res.writeHead(status, headers).end(text);
      return;
    }
    res.writeHead(status, headers);
    res.flushHeaders();
    await pipeline(answer, res, { signal });
  }

  #failed(
    error: unknown,
    server: { name: string },
    res: Response,
    signal: AbortSignal,
  ): void {
    if (res.headersSent || signal.aborted) {
      // Nothing can be said any more; a cut connection is the only sign that the answer is not whole.
      res.destroy();
      return;
    }
    const { message } = KubeApiError.fromCause(error);
    this.#logger.warn(`A request to ${server.name} failed: ${message}`);
    refuse(
      res,
      503,
      -32000,
      `The server ${server.name} is not reached: ${message}`,
      { 'retry-after': '5' },
    );
  }

  /** That the Service leads somewhere; the handshake itself is with one certain pod. */
  async #checkService(
    cluster: ClusterConnection,
    name: string,
    signal: AbortSignal,
  ): Promise<void> {
    const response = await cluster.api.stream({
      method: 'GET',
      path: serviceProxyPath(cluster, name, MCP_PORT, '/health'),
      signal,
      headersTimeoutMs: 10_000,
    });
    const text = await readText(response, MAX_ERROR_BYTES);
    if (response.statusCode !== 200) {
      throw new Error(
        parseStatus(text)
          ? 'The Service does not lead to a pod yet.'
          : wordsOf(response.statusCode ?? 0, text),
      );
    }
  }

  #chooseForHandshake(
    cluster: ClusterConnection,
    server: { id: string; name: string; revision: number },
  ): string {
    const { pods, podRevisions } = cluster.observe(server);
    const ready = pods.filter(isReady);
    const current = ready.find(
      pod => podRevisions?.get(pod.metadata?.name ?? '') === server.revision,
    );
    const name = (current ?? ready[0])?.metadata?.name;
    if (!name) {
      throw new BridgeUnreachableError('No pod is ready.');
    }
    return name;
  }

  async #session(
    cluster: ClusterConnection,
    server: { id: string },
    pod: string,
    signal: AbortSignal,
  ): Promise<McpSession> {
    return new McpSession({
      api: cluster.api,
      path: podProxyPath(cluster, pod, MCP_PORT, '/mcp'),
      authorization: await this.#authorization(
        server.id,
        PORTAL_SUBJECT,
        OWN_TTL_SECONDS,
      ),
      signal,
    });
  }

  async #authorization(
    audience: string,
    subject: string,
    ttlSeconds: number,
  ): Promise<string> {
    return `Bearer ${
      (await this.#signer.sign({ audience, subject, ttlSeconds })).token
    }`;
  }
}

/** An error as MCP clients read it. */
function refuse(
  res: Response,
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  res
    .writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...headers,
    })
    .end(
      JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }),
    );
}
