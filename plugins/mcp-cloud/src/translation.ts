import { createTranslationRef } from '@backstage/frontend-plugin-api';
import { messages } from './messages';

/** Every string of the pages; replace them with `createTranslationMessages` or `createTranslationResource`. */
export const mcpCloudTranslationRef = createTranslationRef({
  id: 'mcp-cloud',
  messages,
});
