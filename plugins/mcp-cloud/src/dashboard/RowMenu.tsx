import {
  ButtonIcon,
  Menu,
  MenuItem,
  MenuSeparator,
  MenuTrigger,
} from '@backstage/ui';
import { RiMore2Line } from '@remixicon/react';
import { useNavigate } from 'react-router-dom';
import { useRouteRef } from '@backstage/core-plugin-api';
import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { type ActionName, whyNoLogs, whyNot } from '../actions/availability';
import { serverRouteRef } from '../routes';
import { useText } from '../useText';
import styles from './ServerTable.module.css';

const ACTIONS: ActionName[] = ['edit', 'scale', 'restart', 'stop', 'start'];

interface RowMenuProps {
  server: Server;
  onAction: (action: ActionName, server: Server) => void;
}

/** What can be done with a server straight from its row. What cannot is shown with the reason. */
export function RowMenu({ server, onAction }: RowMenuProps) {
  const t = useText();
  const navigate = useNavigate();
  const path = useRouteRef(serverRouteRef)({ name: server.name });
  const noLogs = whyNoLogs(server, t);
  const entries = ACTIONS.filter(
    action => action !== (server.runState === 'running' ? 'start' : 'stop'),
  );
  return (
    <MenuTrigger>
      <ButtonIcon
        size="small"
        variant="tertiary"
        icon={<RiMore2Line aria-hidden="true" />}
        aria-label={t('dashboard.actionsOf', { name: server.name })}
      />
      <Menu>
        <MenuItem onAction={() => navigate(path)}>
          {t('dashboard.openServer')}
        </MenuItem>
        <MenuItem
          isDisabled={!!noLogs}
          textValue={t('dashboard.openLogs')}
          onAction={() => navigate(`${path}?view=logs`)}
        >
          <Entry label={t('dashboard.openLogs')} reason={noLogs} />
        </MenuItem>
        <MenuItem onAction={() => navigate(`${path}?view=connect`)}>
          {t('dashboard.openConnect')}
        </MenuItem>
        <MenuSeparator />
        {entries.map(action => {
          const reason = whyNot(action, server, t);
          return (
            <MenuItem
              key={action}
              isDisabled={!!reason}
              textValue={t(`action.${action}`)}
              onAction={() => onAction(action, server)}
            >
              <Entry label={t(`action.${action}`)} reason={reason} />
            </MenuItem>
          );
        })}
        <MenuSeparator />
        <MenuItem
          color="danger"
          isDisabled={!!whyNot('delete', server, t)}
          textValue={t('action.delete')}
          onAction={() => onAction('delete', server)}
        >
          <Entry
            label={t('action.delete')}
            reason={whyNot('delete', server, t)}
          />
        </MenuItem>
      </Menu>
    </MenuTrigger>
  );
}

function Entry({ label, reason }: { label: string; reason?: string }) {
  return (
    <span className={styles.entry}>
      {label}
      {reason && <span className={styles.reason}>{reason}</span>}
    </span>
  );
}
