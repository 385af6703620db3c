import { inRepository, repositoryDir } from '../repository.ts';
import { runNode } from '../../../dev-cluster/src/system/exec.ts';
import { fromClosingLine, type Totals } from './totals.ts';

/** The plugins, packed as they would be published, in a fresh portal. */
export async function adopter(): Promise<Totals> {
  const output = await runNode(
    [inRepository('examples', 'adopter', 'check.ts')],
    {
      cwd: repositoryDir,
      seconds: 1800,
      showAll: true,
      allow: [1],
    },
  );
  return fromClosingLine(output);
}
