import { InputError } from '@backstage/errors';
import type {
  PreviewWarning,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ImageFacts, ImageRegistries } from '../images/types';
import type { Revision } from './Revision';

/** What a new revision runs, and what people should know of it first. */
export interface CheckedImage {
  /** Missing when no registry could say. */
  facts?: ImageFacts;
  warnings: PreviewWarning[];
}

/** Finds out what the image of a Spec is, before a revision is made of it. */
export class ServerImages {
  readonly #registries: ImageRegistries;

  constructor(registries: ImageRegistries) {
    this.#registries = registries;
  }

  /**
   * `before`: the revision that the change starts from; what was known of the same image holds when its registry does
   * not say. Refuses an image that is not there, and one whose command nobody knows.
   */
  async check(
    spec: ServerSpec,
    before?: Pick<Revision, 'spec' | 'image'>,
  ): Promise<CheckedImage> {
    const known = before?.spec.image === spec.image ? before.image : undefined;
    const answer = await this.#registries.lookUp(spec.image);
    if (answer.state === 'missing' && !known) {
      throw new InputError(
        `image: its registry has no ${spec.image}. Push it first, or correct the name.`,
      );
    }
    const facts = answer.state === 'found' ? answer.facts : known;
    const reason =
      answer.state === 'unknown'
        ? answer.reason
        : `its registry has no ${spec.image}`;
    if (
      spec.bridge.mode === 'sidecar' &&
      !spec.command.length &&
      !facts?.command.length
    ) {
      throw new InputError(
        facts
          ? 'command: the image has no command of its own. Say which one starts the server.'
          : `command: with the bridge beside the image, say which command starts the server, as the image's own could not be found out: ${reason}.`,
      );
    }
    const warnings: PreviewWarning[] = [];
    if (
      answer.state !== 'found' &&
      (answer.state === 'missing' || answer.asked)
    ) {
      warnings.push({
        reason: 'ImageNotVerified',
        message: `The image was not verified: ${reason}. ${
          known
            ? 'What ran before runs on.'
            : 'What runs is what its tag stands for when a pod starts.'
        }`,
      });
    }
    if (facts && known && facts.digest !== known.digest) {
      warnings.push({
        reason: 'ImageMoved',
        message: `${
          spec.image
        } stands for another image than when it was deployed last: ${short(
          facts,
        )} instead of ${short(known)}.`,
      });
    }
    if (facts && !facts.bridge && spec.bridge.mode === 'baked') {
      warnings.push({
        reason: 'NoBridge',
        message:
          'The image does not say that it holds the bridge (label io.mcp-cloud.bridge). Build it from the bridge image, or add the bridge beside it (bridge.mode: sidecar).',
      });
    }
    return { facts, warnings };
  }
}

/** A digest as people tell it from another. */
function short({ digest }: ImageFacts): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
