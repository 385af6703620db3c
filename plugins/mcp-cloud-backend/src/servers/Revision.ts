import type {
  RevisionOrigin,
  ServerSpec,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ImageFacts } from '../images/types';

/** An immutable, numbered Spec of a server. */
export interface Revision {
  number: number;
  spec: ServerSpec;
  /** What the image was when the revision was made; missing when no registry said. */
  image?: ImageFacts;
  secretVersion?: number;
  author: string;
  message?: string;
  createdAt: string;
  origin: RevisionOrigin;
  /** The revision whose Spec a rollback brought back. */
  restores?: number;
  /** The one thing of a revision that may change. */
  label?: string;
}
