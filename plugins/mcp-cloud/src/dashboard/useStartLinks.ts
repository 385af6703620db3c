import { useRouteRef } from '@backstage/core-plugin-api';
import { deployRouteRef, templatesRouteRef } from '../routes';

/** Where a new server begins: our form, and the scaffolder's templates where the portal has them. */
export function useStartLinks(): { deploy: string; templates?: string } {
  const deploy = useRouteRef(deployRouteRef);
  const templates = useRouteRef(templatesRouteRef);
  return {
    deploy: deploy(),
    templates: templates && `${templates()}?filters[tags]=mcp-server`,
  };
}
