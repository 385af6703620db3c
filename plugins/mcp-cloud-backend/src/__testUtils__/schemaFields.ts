import { z } from 'zod/v3';

/** A field of a schema. */
export interface SchemaField {
  /** Such as `resources.limits.cpu`; `[]` stands for each element of a list. */
  path: string;
  /** Of the field, or of the nearest group around it that says something. */
  description: string;
  /** As it is written in JSON, when there is one. */
  initial?: unknown;
  required: boolean;
  /** Whether it only groups other fields. */
  isGroup: boolean;
}

/** All fields that a schema has, groups before what is in them; records and unions are one field each. */
export function schemaFields(
  schema: z.ZodTypeAny,
  outer: Partial<SchemaField> = {},
): SchemaField[] {
  let inner = schema;
  let { initial } = outer;
  let required = true;
  let { description } = schema;
  for (;;) {
    if (inner instanceof z.ZodDefault) {
      initial = inner._def.defaultValue();
      required = false;
      inner = inner.removeDefault();
    } else if (inner instanceof z.ZodOptional) {
      required = false;
      inner = inner.unwrap();
    } else if (inner instanceof z.ZodEffects) {
      inner = inner.innerType();
    } else {
      break;
    }
    description ??= inner.description;
  }
  const path = outer.path ?? '';
  const field: SchemaField = {
    path,
    description: description ?? outer.description ?? '',
    required,
    isGroup: false,
    ...(initial !== undefined && { initial }),
  };
  const below = (key: string, at: string, one: z.ZodTypeAny) =>
    schemaFields(one, {
      path: at,
      description: field.description,
      initial: (initial as Record<string, unknown> | undefined)?.[key],
    });
  if (inner instanceof z.ZodObject) {
    const fields = Object.entries<z.ZodTypeAny>(inner.shape).flatMap(
      ([key, one]) => below(key, path ? `${path}.${key}` : key, one),
    );
    return path ? [{ ...field, isGroup: true }, ...fields] : fields;
  }
  if (inner instanceof z.ZodArray) {
    const elements = below('', `${path}[]`, inner.element);
    return [field, ...elements.filter(one => one.path !== `${path}[]`)];
  }
  return [field];
}
