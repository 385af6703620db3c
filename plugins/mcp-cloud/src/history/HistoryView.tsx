import { useState } from 'react';
import type {
  Operation,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { OperationsSection } from './OperationsSection';
import { RevisionsSection } from './RevisionsSection';
import { RollbackDialog } from './RollbackDialog';
import styles from './HistoryView.module.css';

/** What changed, who did it, and the way back. */
export function HistoryView({
  server,
  onAccepted,
}: {
  server: ServerDetail;
  onAccepted: (operation: Operation) => void;
}) {
  const [target, setTarget] = useState<number>();
  return (
    <div className={styles.view}>
      <RevisionsSection server={server} onRollback={setTarget} />
      <OperationsSection server={server} />
      {target !== undefined && (
        <RollbackDialog
          server={server}
          revision={target}
          onAccepted={operation => {
            setTarget(undefined);
            onAccepted(operation);
          }}
          onClose={() => setTarget(undefined)}
        />
      )}
    </div>
  );
}
