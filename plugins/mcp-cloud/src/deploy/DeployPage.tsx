import { Container, Text } from '@backstage/ui';
import { useSearchParams } from 'react-router-dom';
import { useText } from '../useText';
import { EMPTY_FORM } from './deployForm';
import { DeployWizard } from './DeployWizard';
import styles from './deploy.module.css';

/** A new server. A link may name its application and image. */
export function DeployPage() {
  const t = useText();
  const [params] = useSearchParams();
  return (
    <Container className={styles.page}>
      <Text as="h1" variant="title-medium" weight="bold">
        {t('deploy.title')}
      </Text>
      <DeployWizard
        initial={{
          ...EMPTY_FORM,
          application: params.get('application') ?? '',
          image: params.get('image') ?? '',
        }}
      />
    </Container>
  );
}
