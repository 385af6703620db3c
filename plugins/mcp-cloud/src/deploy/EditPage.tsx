import { useState } from 'react';
import { Container, Text } from '@backstage/ui';
import { useParams } from 'react-router-dom';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import { whyNot } from '../actions/availability';
import { useServer } from '../api/useServer';
import { LoadProblem } from '../components/LoadProblem';
import { Notice } from '../components/Notice';
import { ServerSkeleton } from '../entity/ServerView';
import { useText } from '../useText';
import { formOfServer } from './deployForm';
import { DeployWizard } from './DeployWizard';
import styles from './deploy.module.css';

/** A change of a server: the same form, filled in with what it has. */
export function EditPage() {
  const t = useText();
  const { name } = useParams();
  const live = useServer(name);
  // What the form was opened with: news of the server must not overwrite what is being typed.
  const [opened, setOpened] = useState<ServerDetail>();
  if (live.data && live.data.name === name && opened?.name !== name) {
    setOpened(live.data);
  }
  const refusal = opened && whyNot('edit', opened, t);
  return (
    <Container className={styles.page}>
      {opened && (
        <>
          <Text as="h1" variant="title-medium" weight="bold">
            {t('deploy.editTitle', { name: opened.name })}
          </Text>
          {refusal ? (
            <Notice status="warning" title={refusal} />
          ) : (
            <DeployWizard
              key={opened.id}
              initial={formOfServer(opened)}
              edited={opened}
            />
          )}
        </>
      )}
      {!opened &&
        (live.error ? (
          <LoadProblem error={live.error} onRetry={() => live.refresh()} />
        ) : (
          <ServerSkeleton />
        ))}
    </Container>
  );
}
