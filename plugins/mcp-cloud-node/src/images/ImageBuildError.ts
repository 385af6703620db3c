import { CustomErrorBase } from '@backstage/errors';

/** A build or push that failed, with what a person needs to mend it. */
export class ImageBuildError extends CustomErrorBase {
  name = 'ImageBuildError' as const;
  /** The instruction that failed, such as `RUN npm ci`, when the builder told it. */
  readonly step?: string;
  /** The last lines that the builder wrote. */
  readonly lastLines: string[];

  constructor(
    message: string,
    details: { step?: string; lastLines: string[] },
  ) {
    const parts = [
      details.step ? `${message} Failed step: ${details.step}` : message,
    ];
    if (details.lastLines.length) {
      parts.push('Last lines:', ...details.lastLines.map(line => `  ${line}`));
    }
    super(parts.join('\n'));
    this.step = details.step;
    this.lastLines = details.lastLines;
  }
}
