import {
  ButtonLink,
  Card,
  CardBody,
  CardFooter,
  CardHeader,
  Flex,
  Text,
} from '@backstage/ui';
import { useText } from '../useText';
import { useStartLinks } from './useStartLinks';
import styles from './EmptyServers.module.css';

/** The beginning: what this is for, and the two ways to get a first server. */
export function EmptyServers() {
  const t = useText();
  const { deploy, templates } = useStartLinks();
  return (
    <Flex direction="column" gap="4" align="center" py="8">
      <Text as="h3" variant="title-small" weight="bold">
        {t('dashboard.emptyTitle')}
      </Text>
      <Text color="secondary" className={styles.hint}>
        {t('dashboard.emptyHint')}
      </Text>
      <div className={styles.ways}>
        <Card>
          <CardHeader>{t('dashboard.deploy')}</CardHeader>
          <CardBody>{t('dashboard.emptyDeployHint')}</CardBody>
          <CardFooter>
            <ButtonLink href={deploy} variant="primary">
              {t('dashboard.deploy')}
            </ButtonLink>
          </CardFooter>
        </Card>
        {templates && (
          <Card>
            <CardHeader>{t('dashboard.template')}</CardHeader>
            <CardBody>{t('dashboard.emptyTemplateHint')}</CardBody>
            <CardFooter>
              <ButtonLink href={templates} variant="secondary">
                {t('dashboard.template')}
              </ButtonLink>
            </CardFooter>
          </Card>
        )}
      </div>
    </Flex>
  );
}
