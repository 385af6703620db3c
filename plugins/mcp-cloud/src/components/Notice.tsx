import type { ReactNode } from 'react';
import { Alert } from '@backstage/ui';

interface NoticeProps {
  status: 'info' | 'success' | 'warning' | 'danger';
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  isPending?: boolean;
}

/** A message on the page. Problems interrupt a screen reader, everything else waits its turn. */
export function Notice({
  status,
  title,
  children,
  actions,
  isPending,
}: NoticeProps) {
  return (
    <Alert
      role={status === 'danger' ? 'alert' : 'status'}
      status={status}
      icon
      isPending={isPending}
      title={title}
      description={children}
      customActions={actions}
    />
  );
}
