import { useEffect, useState } from 'react';
import { Button } from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import { useText } from '../useText';

/** Copies a text; `what` names it for those who do not see where the button stands. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const t = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <Button
      size="small"
      variant="tertiary"
      aria-label={copied ? t('common.copied') : t('common.copy', { what })}
      onPress={copy}
      iconStart={
        copied ? (
          <RiCheckLine aria-hidden="true" />
        ) : (
          <RiFileCopyLine aria-hidden="true" />
        )
      }
    />
  );
}
