import { badInput } from './badInput.ts';
import { brokenImages } from './brokenImages.ts';
import { changeToStatus } from './changeToStatus.ts';
import { clickToCall } from './clickToCall.ts';
import { endedBackend } from './endedBackend.ts';
import { fencedPods } from './fencedPods.ts';
import { killedBackend } from './killedBackend.ts';
import { pausedBackend } from './pausedBackend.ts';
import { promptStreams } from './promptStreams.ts';
import { silentApiServer } from './silentApiServer.ts';
import { viewersAndLists } from './viewersAndLists.ts';
import { wholeLife } from './wholeLife.ts';
import type { Drill } from './world/World.ts';

/** All drills, in the order in which they run. */
export const drills: Record<string, Drill> = {
  'click-to-call': clickToCall,
  'prompt-streams': promptStreams,
  'change-to-status': changeToStatus,
  'viewers-and-lists': viewersAndLists,
  'bad-input': badInput,
  'fenced-pods': fencedPods,
  'whole-life': wholeLife,
  'broken-images': brokenImages,
  'paused-backend': pausedBackend,
  'silent-api-server': silentApiServer,
  'ended-backend': endedBackend,
  'killed-backend': killedBackend,
};
