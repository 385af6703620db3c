import type { Operation, Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import type { ActionName } from './availability';
import { DeleteDialog } from './DeleteDialog';
import { OperateDialog } from './OperateDialog';
import { PromoteDialog } from './PromoteDialog';
import { ScaleDialog } from './ScaleDialog';

export interface ActionDialogProps {
  server: Server;
  onAccepted: (operation: Operation) => void;
  onClose: () => void;
}

/** The dialog that belongs to an action. Editing has a page of its own. */
export function ActionDialog({
  action,
  ...props
}: ActionDialogProps & { action: Exclude<ActionName, 'edit'> }) {
  if (action === 'scale') {
    return <ScaleDialog {...props} />;
  }
  if (action === 'promote') {
    return <PromoteDialog {...props} />;
  }
  return action === 'delete' ? (
    <DeleteDialog {...props} />
  ) : (
    <OperateDialog action={action} {...props} />
  );
}
