import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { useRouteRef } from '@backstage/core-plugin-api';
import type { Operation, Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { useSWRConfig } from 'swr';
import { OperationPanel } from '../components/OperationPanel';
import { editRouteRef } from '../routes';
import { ActionDialog } from './ActionDialog';
import type { ActionName } from './availability';

export interface ServerActions {
  /** Asks for confirmation, or opens the form of a change. */
  begin: (action: ActionName, server: Server) => void;
  /** Follows an operation that another dialog of the page began. */
  accepted: (operation: Operation) => void;
  /** What was begun here, newest first, until it is dismissed. */
  started: Operation[];
  /** The open dialog; put it anywhere on the page. */
  dialog: ReactNode;
  /** Progress and outcomes of what was begun here. */
  panels: ReactNode;
}

/** Actions on servers for one page: dialogs, then progress, then an outcome that stays until it is dismissed. */
export function useServerActions({
  withName = false,
  onPromoted = () => {},
}: {
  withName?: boolean;
  /** Called with the name of the server that another one was promoted to. */
  onPromoted?: (name: string) => void;
} = {}): ServerActions {
  const navigate = useNavigate();
  const editRoute = useRouteRef(editRouteRef);
  const { mutate } = useSWRConfig();
  const [asking, setAsking] = useState<{
    action: Exclude<ActionName, 'edit'>;
    server: Server;
  }>();
  const [started, setStarted] = useState<Operation[]>([]);

  const begin = (action: ActionName, server: Server) => {
    if (action === 'edit') {
      navigate(editRoute({ name: server.name }));
    } else {
      setAsking({ action, server });
    }
  };
  const onAccepted = (operation: Operation) => {
    setAsking(undefined);
    if (asking?.action === 'promote') {
      onPromoted(operation.serverName);
    }
    setStarted(others => [operation, ...others]);
    // The signal may be slow or lost; what was just asked for should show at once.
    mutate(
      key =>
        Array.isArray(key) &&
        key[0] === 'mcp-cloud' &&
        (key[1] === 'server' || key[1] === 'servers'),
    );
  };
  const dismiss = (id: string) =>
    setStarted(all => all.filter(operation => operation.id !== id));

  return {
    begin,
    accepted: onAccepted,
    started,
    dialog: asking && (
      <ActionDialog
        action={asking.action}
        server={asking.server}
        onAccepted={onAccepted}
        onClose={() => setAsking(undefined)}
      />
    ),
    panels: started.map(operation => (
      <OperationPanel
        key={operation.id}
        operation={operation}
        withName={withName}
        onDismiss={() => dismiss(operation.id)}
      />
    )),
  };
}
