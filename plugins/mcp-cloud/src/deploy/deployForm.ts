import type {
  CreateServerRequest,
  ServerDetail,
  ServerSpec,
  ServerSpecInput,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { joinWords, splitWords } from './shellWords';

/** One environment variable or secret as it is typed. */
export interface VariableRow {
  /** Stays with the row while others are removed. */
  id: number;
  name: string;
  value: string;
  /** A secret that has a value already, which stays unless a new one is typed. */
  isKept?: boolean;
}

/** Everything that the form holds, as it is typed. */
export interface DeployForm {
  name: string;
  application: string;
  environment: string;
  image: string;
  bridge: ServerSpec['bridge']['mode'];
  owner: string;
  system: string;
  cluster: string;
  command: string;
  args: string;
  env: VariableRow[];
  secrets: VariableRow[];
  replicas: number;
  requestCpu: string;
  requestMemory: string;
  limitCpu: string;
  limitMemory: string;
  handshake: ServerSpec['handshake'];
  message: string;
}

export const EMPTY_FORM: DeployForm = {
  name: '',
  application: '',
  environment: 'default',
  image: '',
  bridge: 'baked',
  owner: '',
  system: '',
  cluster: '',
  command: '',
  args: '',
  env: [],
  secrets: [],
  replicas: 1,
  requestCpu: '50m',
  requestMemory: '128Mi',
  limitCpu: '',
  limitMemory: '512Mi',
  handshake: 'full',
  message: '',
};

/** The form filled in with what a server has now. */
export function formOfServer({ spec, replicas }: ServerDetail): DeployForm {
  const { requests, limits } = spec.resources;
  return {
    name: spec.name,
    application: spec.application ?? '',
    environment: spec.environment,
    image: spec.image,
    bridge: spec.bridge.mode,
    owner: spec.owner,
    system: spec.system ?? '',
    cluster: spec.cluster,
    command: joinWords(spec.command),
    args: joinWords(spec.args),
    env: Object.entries(spec.env).map(([name, value], id) => ({
      id,
      name,
      value,
    })),
    secrets: spec.secrets.map((name, id) => ({
      id,
      name,
      value: '',
      isKept: true,
    })),
    replicas,
    requestCpu: requests.cpu,
    requestMemory: requests.memory,
    limitCpu: limits.cpu ?? '',
    limitMemory: limits.memory,
    handshake: spec.handshake,
    message: '',
  };
}

/** What the form asks for. `base` brings the parts of a Spec that the form does not show, so that they stay. */
export function requestOfForm(
  form: DeployForm,
  base?: ServerSpec,
): CreateServerRequest {
  const filled = (rows: VariableRow[]) => rows.filter(row => row.name);
  const spec: ServerSpecInput = {
    ...base,
    name: form.name,
    application: form.application || undefined,
    environment: form.environment || undefined,
    owner: form.owner,
    system: form.system || undefined,
    cluster: form.cluster,
    image: form.image.trim(),
    bridge:
      form.bridge === base?.bridge.mode ? base.bridge : { mode: form.bridge },
    command: splitWords(form.command) ?? [],
    args: splitWords(form.args) ?? [],
    env: Object.fromEntries(
      filled(form.env).map(({ name, value }) => [name, value]),
    ),
    secrets: filled(form.secrets).map(({ name }) => name),
    resources: {
      requests: { cpu: form.requestCpu, memory: form.requestMemory },
      limits: { cpu: form.limitCpu || undefined, memory: form.limitMemory },
    },
    handshake: form.handshake,
  };
  const values = filled(form.secrets).filter(({ value }) => value !== '');
  return {
    spec,
    replicas: form.replicas,
    secretValues: values.length
      ? Object.fromEntries(values.map(({ name, value }) => [name, value]))
      : undefined,
    message: form.message || undefined,
  };
}
