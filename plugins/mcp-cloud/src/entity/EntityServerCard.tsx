import {
  ButtonLink,
  Card,
  CardBody,
  CardFooter,
  CardHeader,
  Flex,
  Link,
  Skeleton,
  Text,
} from '@backstage/ui';
import { useRouteRef } from '@backstage/core-plugin-api';
import {
  entityRouteParams,
  entityRouteRef,
  useEntity,
} from '@backstage/plugin-catalog-react';
import type { Server } from '@mcp-cloud/plugin-mcp-cloud-common';
import { ActionButton } from '../actions/ActionButton';
import { type ActionName, whyNot } from '../actions/availability';
import { useServerActions } from '../actions/useServerActions';
import { useServer } from '../api/useServer';
import { useServers } from '../api/useServers';
import { CopyText } from '../components/CopyText';
import { Facts } from '../components/Facts';
import { LoadProblem } from '../components/LoadProblem';
import { RelativeTime } from '../components/RelativeTime';
import { StaleNotice } from '../components/StaleNotice';
import { StateLabel } from '../components/StateLabel';
import { deployRouteRef } from '../routes';
import { useText } from '../useText';
import { applicationOfEntity } from './applicationOfEntity';

/** The short answer on the overview: how are the servers of this application, and where are they reached? */
export function EntityServerCard() {
  const t = useText();
  const application = applicationOfEntity(useEntity().entity);
  const deploy = useRouteRef(deployRouteRef);
  const live = useServers({ application });
  const actions = useServerActions({ withName: true });
  return (
    <Card>
      <CardHeader>
        <Text as="h2" variant="title-x-small" weight="bold">
          {t('card.title')}
        </Text>
      </CardHeader>
      <CardBody>
        <Flex direction="column" gap="4">
          <StaleNotice live={live} />
          {actions.panels}
          {!live.data && live.error && (
            <LoadProblem error={live.error} onRetry={() => live.refresh()} />
          )}
          {!live.data && !live.error && <Skeleton width="100%" height={96} />}
          {live.data?.items.map(server => (
            <ServerSummary
              key={server.id}
              server={server}
              onAction={actions.begin}
            />
          ))}
          {live.data?.items.length === 0 && (
            <Text color="secondary">{t('server.noServer')}</Text>
          )}
        </Flex>
      </CardBody>
      {live.data?.items.length === 0 && (
        <CardFooter>
          <ButtonLink
            href={`${deploy()}?application=${encodeURIComponent(application)}`}
            variant="secondary"
          >
            {t('card.deploy')}
          </ButtonLink>
        </CardFooter>
      )}
      {actions.dialog}
    </Card>
  );
}

interface ServerSummaryProps {
  server: Server;
  onAction: (action: ActionName, server: Server) => void;
}

function ServerSummary({ server, onAction }: ServerSummaryProps) {
  const t = useText();
  const { entity } = useEntity();
  const tab = `${useRouteRef(entityRouteRef)(
    entityRouteParams(entity),
  )}/mcp-server`;
  const endpoint = useServer(server.name).data?.endpoints.portal;
  const quick: ActionName[] =
    server.runState === 'running' ? ['restart', 'stop'] : ['start'];
  return (
    <Flex direction="column" gap="2">
      <Flex align="center" gap="2">
        <StateLabel state={server.status.state} />
        <Link
          href={`${tab}?environment=${encodeURIComponent(server.environment)}`}
        >
          {t('card.server', {
            name: server.name,
            environment: server.environment,
          })}
        </Link>
      </Flex>
      <Text color="secondary">{server.status.message}</Text>
      <Facts
        items={[
          {
            label: t('card.replicas'),
            value: t('dashboard.replicas', {
              ready: String(server.status.pods.ready),
              desired: String(server.status.pods.desired),
            }),
          },
          {
            label: t('card.changed'),
            value: <RelativeTime at={server.updatedAt} />,
          },
          {
            label: t('card.endpoint'),
            value: endpoint && (
              <CopyText text={endpoint} what={t('server.endpointWhat')} />
            ),
          },
        ]}
      />
      <Flex gap="2">
        {quick.map(action => (
          <ActionButton
            key={action}
            size="small"
            variant="secondary"
            reason={whyNot(action, server, t)}
            onPress={() => onAction(action, server)}
          >
            {t(`action.${action}`)}
          </ActionButton>
        ))}
      </Flex>
    </Flex>
  );
}
