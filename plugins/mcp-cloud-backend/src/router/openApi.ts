import type { z } from 'zod/v3';
import { zodToJsonSchema } from 'zod-to-json-schema';
import { ROUTES, type RouteDescription } from './routes';

const ERROR = {
  description: 'A refusal, in words',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['error'],
        properties: {
          error: {
            type: 'object',
            required: ['name', 'message'],
            properties: {
              name: { type: 'string' },
              message: { type: 'string' },
            },
          },
        },
      },
    },
  },
};

/** The OpenAPI document of the REST interface, made from the schemas by which requests are read. */
export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: describe(route) };
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'MCP Cloud',
      version: '1',
      description:
        'Hosted MCP servers on Kubernetes. A change answers 202 with the operation that carries it out.',
    },
    servers: [{ url: '/api/mcp-cloud' }],
    security: [{ backstage: [] }],
    components: {
      securitySchemes: { backstage: { type: 'http', scheme: 'bearer' } },
    },
    paths,
  };
}

function describe(route: RouteDescription): object {
  const { method, path, summary, body, answer, media, status = 200 } = route;
  return {
    operationId: [method, ...path.split(/\W+/)].filter(Boolean).join('_'),
    summary,
    parameters: parametersOf(route),
    ...(body && {
      requestBody: { required: !body.isOptional(), content: contentOf(body) },
    }),
    responses: {
      [status]: {
        description: summary,
        ...(answer && { content: contentOf(answer, media) }),
      },
      default: ERROR,
    },
  };
}

function parametersOf({ path, query, ifMatch, status }: RouteDescription) {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: name === 'number' ? 'integer' : 'string' },
  }));
  const inQuery = Object.entries<z.ZodTypeAny>(query?.shape ?? {}).map(
    ([name, schema]) => ({
      name,
      in: 'query',
      required: !schema.isOptional(),
      schema: jsonSchema(schema),
    }),
  );
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...inPath,
    ...inQuery,
    ...(ifMatch
      ? [header('If-Match', true, 'The etag of the server as it was read')]
      : []),
    ...(status === 202
      ? [
          header(
            'Idempotency-Key',
            false,
            'The same request with the same key within 24 hours is carried out once',
          ),
        ]
      : []),
  ];
}

function contentOf(schema: z.ZodTypeAny, media = ['application/json']) {
  return Object.fromEntries(
    media.map(type => [
      type,
      // An event stream is text, of which each event holds a part of the answer.
      {
        schema:
          type === 'text/event-stream'
            ? { type: 'string' }
            : jsonSchema(schema),
      },
    ]),
  );
}

function jsonSchema(schema: z.ZodTypeAny): object {
  return zodToJsonSchema(schema, { target: 'openApi3', $refStrategy: 'none' });
}
