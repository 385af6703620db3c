import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { readJson, writeJson } from '../../../dev-cluster/src/system/files.ts';

interface Entry {
  payload: AdapterPayload;
  /** Unix time in seconds after which it may be forgotten. */
  until?: number;
}

interface State {
  signingKey: Record<string, unknown>;
  cookieKey: string;
  entries: Record<string, Entry>;
}

const now = () => Math.floor(Date.now() / 1000);

function freshState(): State {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    // A new key gets a new id: the portal keeps keys by their ids and asks for them once a minute at most.
    signingKey: {
      ...privateKey.export({ format: 'jwk' }),
      use: 'sig',
      alg: 'RS256',
      kid: randomBytes(6).toString('hex'),
    },
    cookieKey: randomBytes(32).toString('hex'),
    entries: {},
  };
}

/** Keys, sessions and refresh tokens in one file, so that a restart of the provider signs nobody out. */
export class StateFile {
  readonly #file: string;
  readonly #state: State;

  constructor(file: string) {
    this.#file = file;
    this.#state = readJson<State>(file) ?? freshState();
    this.#save();
  }

  get signingKey() {
    return this.#state.signingKey;
  }

  get cookieKey() {
    return this.#state.cookieKey;
  }

  /** What the provider keeps its records of one model in. */
  adapter(model: string): Adapter {
    const entries = this.#state.entries;
    const key = (id: string) => `${model}:${id}`;
    return {
      upsert: async (id, payload, expiresIn) => {
        this.#forgetOld();
        entries[key(id)] = {
          payload,
          until: expiresIn ? now() + expiresIn : undefined,
        };
        this.#save();
      },
      find: async id => entries[key(id)]?.payload, // the provider itself looks at `exp`
      findByUid: async uid =>
        Object.values(entries).find(entry => entry.payload.uid === uid)
          ?.payload,
      findByUserCode: async () => undefined,
      consume: async id => {
        entries[key(id)].payload.consumed = now();
        this.#save();
      },
      destroy: async id => {
        delete entries[key(id)];
        this.#save();
      },
      revokeByGrantId: async grantId => {
        for (const [id, entry] of Object.entries(entries)) {
          if (entry.payload.grantId === grantId) {
            delete entries[id];
          }
        }
        this.#save();
      },
    };
  }

  #forgetOld() {
    for (const [id, { until }] of Object.entries(this.#state.entries)) {
      if (until && until < now()) {
        delete this.#state.entries[id];
      }
    }
  }

  #save() {
    writeJson(this.#file, this.#state);
  }
}
