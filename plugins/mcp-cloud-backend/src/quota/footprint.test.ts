import fc from 'fast-check';
import {
  arbitraryInput,
  examplePlatform,
} from '../__testUtils__/arbitrarySpec';
import { testServer } from '../__testUtils__/testServer';
import { renderManifests } from '../manifests';
import { footprintOf, footprintOfObjects } from './footprint';

const GI = 2 ** 30;

describe('what a server takes', () => {
  it('is the same by its Spec as by its objects', () => {
    fc.assert(
      fc.property(arbitraryInput, input => {
        const { spec, replicas } = input;
        const runState = replicas ? 'running' : 'stopped';
        expect(
          footprintOf({ runState, replicas, scaling: spec.scaling }, spec),
        ).toEqual(footprintOfObjects(renderManifests(input, examplePlatform)));
      }),
    );
  });

  it('is requested CPU and the limit of memory, of each pod with its bridge', () => {
    const { spec } = testServer({
      image: 'i:1',
      command: ['node'],
      bridge: { mode: 'sidecar' },
      resources: {
        requests: { cpu: '100m', memory: '1Gi' },
        limits: { cpu: '2', memory: '2Gi' },
      },
    });
    const target = { runState: 'running', replicas: 3 } as const;
    expect(footprintOf(target, spec)).toEqual({
      servers: 1,
      replicas: 3,
      cpuMillicores: 3 * 120,
      memoryBytes: 3 * 2.25 * GI,
    });
    expect(
      footprintOf({ ...target, scaling: { min: 1, max: 10 } }, spec),
    ).toMatchObject({ replicas: 10, memoryBytes: 10 * 2.25 * GI });
    expect(footprintOf({ ...target, runState: 'stopped' }, spec)).toEqual({
      servers: 1,
      replicas: 0,
      cpuMillicores: 0,
      memoryBytes: 0,
    });
    expect(footprintOfObjects([])).toMatchObject({ servers: 0, replicas: 0 });
  });
});
