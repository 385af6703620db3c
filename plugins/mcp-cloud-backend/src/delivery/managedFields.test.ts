import type { V1ManagedFieldsEntry } from '@kubernetes/client-node';
import {
  addedFields,
  takenOver,
  withoutFieldsOf,
  writerOf,
} from './managedFields';

const AT = '2026-11-21T12:00:00Z' as unknown as Date;
const entry = (
  manager: string,
  fieldsV1: object,
  rest: Partial<V1ManagedFieldsEntry> = {},
): V1ManagedFieldsEntry => ({
  manager,
  operation: manager === 'mcp-cloud' ? 'Apply' : 'Update',
  time: AT,
  fieldsV1,
  ...rest,
});
const NOBODY = new Set<string>();

const ours = entry('mcp-cloud', {
  'f:metadata': { 'f:labels': { 'f:a': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:containers': {
      'k:{"name":"server"}': { '.': {}, 'f:name': {}, 'f:image': {} },
    },
    'f:ports': {},
    'f:finalizers': {},
  },
});
const editor = entry('kubectl-edit', {
  'f:metadata': { 'f:labels': { 'f:a': {}, 'f:b.c/d': {} } },
  'f:spec': {
    'f:containers': {
      'k:{"name":"server"}': {
        'f:env': { '.': {}, 'k:{"name":"X"}': { '.': {}, 'f:value': {} } },
      },
      'k:{"name":"spy"}': { '.': {}, 'f:name': {}, 'f:image': {} },
    },
    'f:ports': { 'k:{"port":9,"protocol":"TCP"}': { '.': {} } },
    'f:finalizers': { 'v:"stay"': {} },
  },
});
const object = (...managedFields: V1ManagedFieldsEntry[]) => ({
  metadata: {
    name: 'x',
    labels: { a: '1', 'b.c/d': '2' },
    managedFields,
  },
  spec: {
    replicas: 1,
    containers: [
      { name: 'server', image: 'i', env: [{ name: 'X', value: 'y' }] },
      { name: 'spy', image: 'j' },
    ],
    ports: [{ port: 9, protocol: 'TCP' }],
    finalizers: ['stay'],
  },
});

it('finds what others set beside our fields, outermost first, with its value and its writer', () => {
  expect(
    addedFields(object(ours, editor), NOBODY).map(({ path, found }) => [
      path,
      found,
    ]),
  ).toEqual([
    ['metadata.labels[b.c/d]', '2'],
    ['spec.containers[server].env', [{ name: 'X', value: 'y' }]],
    ['spec.containers[spy]', { name: 'spy', image: 'j' }],
    ['spec.ports[9/TCP]', { port: 9, protocol: 'TCP' }],
    ['spec.finalizers[stay]', 'stay'],
  ]);
  expect(addedFields(object(ours, editor), NOBODY)[0].entry).toBe(editor);
});

it('leaves status and allowed managers alone', () => {
  const status = entry(
    'kubelet',
    { 'f:status': {} },
    { subresource: 'status' },
  );
  expect(addedFields(object(ours, status), NOBODY)).toEqual([]);
  const allowed = new Set(['kubectl-edit']);
  expect(addedFields(object(ours, editor), allowed)).toEqual([]);
  expect(takenOver([ours, editor], allowed)).toBeUndefined();
});

it('hands what strangers set over to our apply, and nothing else', () => {
  const controller = entry('kube-controller-manager', { 'f:x': {} });
  const [merged, ...others] = takenOver(
    [ours, editor, controller],
    new Set(['kube-controller-manager']),
  )!;
  expect(others).toEqual([controller]);
  expect(merged).toMatchObject({ manager: 'mcp-cloud', operation: 'Apply' });
  expect(addedFields(object(merged), NOBODY)).toEqual([]);
  const spec = (merged.fieldsV1 as any)['f:spec'];
  expect(Object.keys(spec['f:containers'])).toEqual([
    'k:{"name":"server"}',
    'k:{"name":"spy"}',
  ]);
  expect(spec['f:replicas']).toEqual({});
  expect(takenOver([ours], NOBODY)).toBeUndefined();
});

it('knows the last writer of a field, and of what it stands in', () => {
  const later = entry(
    'kubectl-patch',
    { 'f:spec': { 'f:containers': { 'k:{"name":"spy"}': { 'f:image': {} } } } },
    { time: '2026-11-21T13:00:00Z' as unknown as Date },
  );
  const live = object(ours, editor, later);
  expect(writerOf('spec.containers[spy].image', live)).toBe(later);
  expect(writerOf('spec.containers[spy]', live)).toBe(later);
  expect(writerOf('spec.containers[server].env[X].value', live)).toBe(editor);
  expect(writerOf('spec.replicas', live)).toBeUndefined();
});

it('leaves the replicas to an allowed manager that has set them', () => {
  const wanted = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x' },
    spec: { replicas: 1, paused: false },
  };
  const scaler = entry(
    'kube-controller-manager',
    { 'f:spec': { 'f:replicas': {} } },
    { subresource: 'scale' },
  );
  const allowed = new Set(['kube-controller-manager']);
  expect(withoutFieldsOf(allowed, wanted, object(ours, scaler)).spec).toEqual({
    paused: false,
  });
  expect(withoutFieldsOf(NOBODY, wanted, object(ours, scaler))).toBe(wanted);
  expect(withoutFieldsOf(allowed, wanted, object(ours))).toBe(wanted);
});
