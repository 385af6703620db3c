import {
  Button,
  type ButtonProps,
  Tooltip,
  TooltipTrigger,
} from '@backstage/ui';
import { useId } from 'react';
import { VisuallyHidden } from '@backstage/ui';

/**
 * A button that, when it cannot be used, says why. It keeps the focus then (a disabled button takes none, and its
 * tooltip would be out of reach for a keyboard), and is announced as disabled.
 */
export function ActionButton({
  reason,
  children,
  ...props
}: ButtonProps & { reason?: string }) {
  const id = useId();
  if (!reason) {
    return <Button {...props}>{children}</Button>;
  }
  return (
    <TooltipTrigger delay={200}>
      <Button
        {...props}
        isDisabled={false}
        onPress={undefined}
        aria-disabled="true"
        aria-describedby={id}
        data-disabled="true"
      >
        {children}
      </Button>
      <Tooltip>{reason}</Tooltip>
      <VisuallyHidden id={id}>{reason}</VisuallyHidden>
    </TooltipTrigger>
  );
}
