import { awayDatabase } from './awayDatabase.ts';
import { badInput } from './badInput.ts';
import { brokenImages } from './brokenImages.ts';
import { changeToStatus } from './changeToStatus.ts';
import { clickToCall } from './clickToCall.ts';
import { crashRun } from './crashRun.ts';
import { deadApiServer } from './deadApiServer.ts';
import { endedBackend } from './endedBackend.ts';
import { fencedPods } from './fencedPods.ts';
import { hiddenValues } from './hiddenValues.ts';
import { killedBackend } from './killedBackend.ts';
import { pausedBackend } from './pausedBackend.ts';
import { promptStreams } from './promptStreams.ts';
import { scaleRun } from './scaleRun.ts';
import { silentApiServer } from './silentApiServer.ts';
import { viewersAndLists } from './viewersAndLists.ts';
import { wholeLife } from './wholeLife.ts';
import type { Drill } from './world/World.ts';

/** What a run without names goes through, in this order. */
export const drills: Record<string, Drill> = {
  'click-to-call': clickToCall,
  'prompt-streams': promptStreams,
  'change-to-status': changeToStatus,
  'viewers-and-lists': viewersAndLists,
  'bad-input': badInput,
  'hidden-values': hiddenValues,
  'fenced-pods': fencedPods,
  'whole-life': wholeLife,
  'broken-images': brokenImages,
  'paused-backend': pausedBackend,
  'silent-api-server': silentApiServer,
  'dead-api-server': deadApiServer,
  'away-database': awayDatabase,
  'ended-backend': endedBackend,
  'killed-backend': killedBackend,
};

/** Those that take an hour: only by name, and as part of `./test long`. */
export const longDrills: Record<string, Drill> = {
  'crash-run': crashRun,
  'scale-run': scaleRun,
};
