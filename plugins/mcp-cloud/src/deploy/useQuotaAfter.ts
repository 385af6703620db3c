import { useApi } from '@backstage/core-plugin-api';
import type { ServerDetail } from '@mcp-cloud/plugin-mcp-cloud-common';
import useSWR from 'swr';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { requestOfForm } from './deployForm';
import { useForm } from './useDeployForm';

/** The owner's quota as the form would leave it, and whether that is more than it may be. */
export function useQuotaAfter(server: ServerDetail | undefined) {
  const api = useApi(mcpCloudApiRef);
  const { form, isExisting } = useForm();
  const { spec, replicas, secretValues } = requestOfForm(
    form,
    isExisting ? server?.spec : undefined,
  );
  const newSecretValues = secretValues !== undefined;
  return useSWR(
    ['mcp-cloud', 'quota', JSON.stringify({ spec, replicas, isExisting })],
    async () => {
      const { quota, warnings } = isExisting
        ? await api.previewChange(form.name, {
            action: 'update',
            spec,
            newSecretValues,
          })
        : await api.previewCreate({ spec, replicas });
      const problem = warnings.find(
        ({ reason }) => reason === 'QuotaExceeded',
      )?.message;
      return { quota, problem };
    },
    { revalidateOnFocus: false, shouldRetryOnError: false },
  );
}
