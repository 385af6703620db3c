import { Container } from '@backstage/ui';
import { useNavigate, useParams } from 'react-router-dom';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useServer } from '../api/useServer';
import { useServers } from '../api/useServers';
import { serverRouteRef } from '../routes';
import { ServerView } from './ServerView';
import styles from './ServerPage.module.css';

/** A server's page of our own: there at once, and also when the catalog has no entity for it. */
export function ServerPage() {
  const { name = '' } = useParams();
  const navigate = useNavigate();
  const route = useRouteRef(serverRouteRef);
  const application = useServer(name).data?.application;
  const siblings = useServers(application ? { application } : null).data?.items;
  return (
    <Container className={styles.page}>
      <ServerView
        name={name}
        siblings={siblings}
        onSwitch={other => navigate(route({ name: other }))}
        withCatalogLink
      />
    </Container>
  );
}
