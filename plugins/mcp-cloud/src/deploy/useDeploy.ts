import { useState } from 'react';
import { useApi } from '@backstage/core-plugin-api';
import type {
  Operation,
  ServerDetail,
} from '@mcp-cloud/plugin-mcp-cloud-common';
import { useSubmit } from '../actions/useSubmit';
import { mcpCloudApiRef } from '../api/mcpCloudApi';
import { hasStatus } from '../api/useLiveData';
import { type DeployForm, requestOfForm } from './deployForm';

/**
 * Sends the form: as a new server, or as a change when the server is there, which it also is after a first deploy
 * that was accepted and then failed.
 */
export function useDeploy(edited?: ServerDetail) {
  const api = useApi(mcpCloudApiRef);
  const [server, setServer] = useState(edited);
  const [operation, setOperation] = useState<Operation>();

  const request = useSubmit(
    (form: DeployForm) => {
      const { replicas, ...change } = requestOfForm(
        form,
        server?.name === form.name ? server.spec : undefined,
      );
      return server?.name === form.name
        ? api.updateServer(server.name, server.etag, change)
        : api.createServer({ ...change, replicas });
    },
    accepted => setOperation(accepted.operation),
  );

  /** Reads the server anew, so that the next attempt builds on its newest revision. */
  const readAgain = useSubmit(
    async (name: string) => {
      try {
        return await api.getServer(name);
      } catch (error) {
        if (hasStatus(error, 404)) {
          return undefined;
        }
        throw error;
      }
    },
    found => {
      setServer(found);
      setOperation(undefined);
      request.forget();
    },
  );
  return { server, operation, request, readAgain };
}
