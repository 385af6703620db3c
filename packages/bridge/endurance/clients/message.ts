/** A JSON-RPC message as these runs read it. */
export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: {
    readonly progressToken?: string | number;
    readonly progress?: number;
    readonly message?: string;
    readonly data?: unknown;
    readonly messages?: readonly { readonly content: { text: string } }[];
  };
  readonly result?: {
    readonly resultType?: string;
    readonly requestState?: string;
    readonly inputRequests?: Readonly<Record<string, Message>>;
    readonly content?: readonly { readonly text: string }[];
  };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly reason?: string };
  };
}

/** A request as JSON, whose id is JSON already. */
export const requestText = (
  idText: string,
  method: string,
  params: object,
): string =>
  `{"jsonrpc":"2.0","id":${idText},"method":"${method}","params":${JSON.stringify(
    params,
  )}}`;

export const initializeText = (version: string, capabilities: object): string =>
  requestText('"initialize"', 'initialize', {
    protocolVersion: version,
    capabilities,
    clientInfo: { name: 'endurance', version: '1' },
  });

export const INITIALIZED =
  '{"jsonrpc":"2.0","method":"notifications/initialized"}';
