import type { Router } from 'express';
import { createRouter, type RouterOptions } from './createRouter';
import { openApi } from './openApi';
import { OpenStreams } from './OpenStreams';

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
}

/** Every route that Express serves, such as `get /servers/{name}`. */
function served(layers: Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (route) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      // `all` is described as the methods that the transport has.
      const methods = Object.keys(route.methods);
      return (
        methods.includes('_all') ? ['get', 'post', 'delete'] : methods
      ).map(method => `${method} ${path}`);
    }
    return served(handle?.stack ?? []);
  });
}

describe('the OpenAPI document', () => {
  const { paths } = openApi() as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };

  it('has every route that is served, and no other', () => {
    // Routes are made without a look at what they stand upon.
    const options = { streams: new OpenStreams() } as RouterOptions;
    const router: Router = createRouter(options);
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(
      served(router.stack as unknown as Layer[]).sort(),
    );
  });

  it('names each operation once, and says what goes in and comes out', () => {
    const operations = Object.values(paths).flatMap(methods =>
      Object.values(methods),
    );
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(paths['/servers/{name}'].put).toMatchObject({
      parameters: [
        { name: 'name', in: 'path' },
        { name: 'If-Match', in: 'header', required: true },
        { name: 'Idempotency-Key', in: 'header', required: false },
      ],
      requestBody: {
        content: {
          'application/json': {
            schema: {
              properties: {
                spec: { properties: { image: { type: 'string' } } },
              },
              required: ['spec'],
              additionalProperties: false,
            },
          },
        },
      },
      responses: { 202: expect.any(Object), default: expect.any(Object) },
    });
  });
});
