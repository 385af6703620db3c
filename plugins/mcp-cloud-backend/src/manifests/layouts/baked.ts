import { CONTAINER } from '../names';
import { serverImage } from '../serverImage';
import { serverVolumes } from '../serverVolumes';
import type { RenderInput } from '../types';
import {
  bridgeEnv,
  bridgeMounts,
  bridgePorts,
  bridgeProbes,
  bridgeVolumes,
  commandArgs,
  hardened,
  serverEnv,
  serverResources,
  type Layout,
} from './parts';

/** One container: the image is built from the bridge's, and its entry point is the bridge. */
export function baked(input: RenderInput): Layout {
  const { spec } = input;
  const { mounts, volumes } = serverVolumes(spec);
  return {
    containers: [
      {
        name: CONTAINER,
        image: serverImage(input),
        // Never `command`: the image's entry point is the bridge, and the arguments are what it shall run.
        ...(spec.command.length ? { args: commandArgs(input) } : {}),
        ...(spec.workingDir ? { workingDir: spec.workingDir } : {}),
        env: [...bridgeEnv(input), ...serverEnv(input)],
        ports: bridgePorts,
        resources: serverResources(spec),
        ...bridgeProbes(input),
        securityContext: hardened,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [...bridgeMounts, ...mounts],
      },
    ],
    volumes: [...bridgeVolumes(spec.name), ...volumes],
  };
}
