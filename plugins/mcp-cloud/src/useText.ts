import {
  type TranslationFunction,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { mcpCloudTranslationRef } from './translation';

export type TranslateFunction = TranslationFunction<
  (typeof mcpCloudTranslationRef)['T']
>;

/** The translation function of the plugin. */
export function useText(): TranslateFunction {
  return useTranslationRef(mcpCloudTranslationRef).t;
}
