import { serverSpecSchema } from '@mcp-cloud/plugin-mcp-cloud-common';
import { zodToJsonSchema } from 'zod-to-json-schema';

/** The JSON Schema of a Spec as people write it, for editors and other programs. Rules between fields are not in it. */
export function specJsonSchema(): object {
  return {
    title: 'Spec of an MCP server',
    ...zodToJsonSchema(serverSpecSchema, {
      $refStrategy: 'none',
      pipeStrategy: 'input',
    }),
  };
}
