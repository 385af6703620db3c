import { ButtonLink } from '@backstage/ui';
import { useSearchParams } from 'react-router-dom';
import { useEntity } from '@backstage/plugin-catalog-react';
import { useRouteRef } from '@backstage/core-plugin-api';
import { useServers } from '../api/useServers';
import { LoadProblem } from '../components/LoadProblem';
import { Notice } from '../components/Notice';
import { StaleNotice } from '../components/StaleNotice';
import { deployRouteRef } from '../routes';
import { useText } from '../useText';
import { applicationOfEntity } from './applicationOfEntity';
import { ServerSkeleton, ServerView } from './ServerView';

/** The servers of the entity's application, one at a time, chosen by environment. */
export function EntityServerTab() {
  const t = useText();
  const application = applicationOfEntity(useEntity().entity);
  const deploy = useRouteRef(deployRouteRef);
  const live = useServers({ application });
  const [params, setParams] = useSearchParams();
  const servers = [...(live.data?.items ?? [])].sort((a, b) =>
    a.environment.localeCompare(b.environment),
  );
  const wanted = params.get('environment');
  const chosen =
    servers.find(server => server.environment === wanted) ?? servers[0];

  if (!live.data) {
    return live.error ? (
      <LoadProblem error={live.error} onRetry={() => live.refresh()} />
    ) : (
      <ServerSkeleton />
    );
  }
  if (!chosen) {
    return (
      <Notice
        status="info"
        title={t('server.noServer')}
        actions={
          <ButtonLink
            href={`${deploy()}?application=${encodeURIComponent(application)}`}
            variant="primary"
          >
            {t('card.deploy')}
          </ButtonLink>
        }
      >
        {t('server.noServerHint', { application })}
      </Notice>
    );
  }
  const switchTo = (name: string) => {
    const environment = servers.find(
      server => server.name === name,
    )?.environment;
    setParams(old => {
      const next = new URLSearchParams(old);
      next.delete('pod');
      if (environment) {
        next.set('environment', environment);
      }
      return next;
    });
  };
  return (
    <>
      <StaleNotice live={live} />
      <ServerView name={chosen.name} siblings={servers} onSwitch={switchTo} />
    </>
  );
}
