import { Button, Flex, Select, Skeleton, Text } from '@backstage/ui';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { LoadProblem } from '../components/LoadProblem';
import { Section } from '../components/Section';
import { useText } from '../useText';
import { FieldChanges } from './FieldChanges';
import { ObjectChanges } from './ObjectChanges';
import { useDiff } from './useHistory';

interface DiffSectionProps {
  server: ServerDetail;
  from: number;
  to: number;
  /** Revisions to choose `from` among. */
  numbers: number[];
  onCompare: (from: number) => void;
  onClose: () => void;
}

/** What differs between two revisions: in the Spec, and in the objects. */
export function DiffSection({
  server,
  from,
  to,
  numbers,
  onCompare,
  onClose,
}: DiffSectionProps) {
  const t = useText();
  const live = useDiff(server, to, from);
  const title = t('history.diffTitle', { from: String(from), to: String(to) });
  return (
    <Section
      title={title}
      actions={
        <Flex gap="2" align="end">
          <Select
            size="small"
            label={t('history.against')}
            options={numbers
              .filter(number => number !== to)
              .map(number => ({ value: String(number), label: `#${number}` }))}
            value={String(from)}
            onChange={value => onCompare(Number(value))}
          />
          <Button size="small" variant="secondary" onPress={onClose}>
            {t('common.close')}
          </Button>
        </Flex>
      }
    >
      {live.data && (
        <>
          <FieldChanges changes={live.data.spec} label={title} />
          {live.data.objects.length > 0 && (
            <>
              <Text>{t('history.objects')}</Text>
              <ObjectChanges objects={live.data.objects} />
            </>
          )}
        </>
      )}
      {!live.data && live.error && (
        <LoadProblem error={live.error} onRetry={() => live.refresh()} />
      )}
      {!live.data && !live.error && <Skeleton width="100%" height={80} />}
    </Section>
  );
}
