import type { ReactNode } from 'react';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Flex,
} from '@backstage/ui';
import { useText } from '../useText';
import { Notice } from '../components/Notice';

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  confirm: string;
  isDestructive?: boolean;
  /** Confirming is not possible yet, for instance because the name is not typed. */
  isDisabled?: boolean;
  isPending: boolean;
  error?: Error;
  onConfirm: () => void;
  onClose: () => void;
}

/** Says what an action will do and asks for the go-ahead. Stays open, with the backend's words, when it is refused. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const t = useText();
  return (
    <Dialog
      isOpen
      onOpenChange={isOpen => !isOpen && props.onClose()}
      width={480}
    >
      <DialogHeader>{props.title}</DialogHeader>
      <DialogBody>
        <form
          id="mcp-cloud-confirm"
          onSubmit={event => {
            event.preventDefault();
            if (!props.isDisabled && !props.isPending) {
              props.onConfirm();
            }
          }}
        >
          <Flex direction="column" gap="4">
            {props.children}
            {props.error && (
              <Notice status="danger" title={t('action.failed')}>
                {props.error.message}
              </Notice>
            )}
          </Flex>
        </form>
      </DialogBody>
      <DialogFooter>
        <Button
          type="submit"
          form="mcp-cloud-confirm"
          variant="primary"
          destructive={props.isDestructive}
          isDisabled={props.isDisabled}
          isPending={props.isPending}
        >
          {props.confirm}
        </Button>
        <Button variant="secondary" onPress={props.onClose}>
          {t('common.cancel')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
