import { z } from 'zod/v3';
import { list, text } from './kinds';

const ruleSchema = z.object({
  tools: list.min(1).describe('names of tools; * stands for any characters'),
  scopes: list
    .default([])
    .describe('whoever has all of these scopes may call them'),
  claims: z
    .record(z.union([text, list]).transform(value => [value].flat()))
    .default({})
    .describe(
      'whoever has all of these claims, each with one of its values, may call them',
    ),
  keys: list
    .default([])
    .describe('whoever has one of these static keys (by id) may call them'),
});

/** Who may call some tools; all that it asks for has to hold. */
export type ToolRule = z.output<typeof ruleSchema>;

export const toolsSchema = z
  .object({
    default: z
      .enum(['allow', 'deny'])
      .default('allow')
      .describe('whether tools that no rule names may be called by everybody'),
    rules: z
      .array(ruleSchema)
      .default([])
      .describe(
        'a tool that rules name may be called by those whom one of these rules lets',
      ),
  })
  .default({});

export type ToolSettings = z.output<typeof toolsSchema>;
