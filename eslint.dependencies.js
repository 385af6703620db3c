// Dependencies between our packages point one way: frontend → common; backend → node → common; modules → node and
// common; the bridge needs no plugin, and no plugin needs the bridge. Each package's .eslintrc calls this file.
const { join } = require('node:path');
const createConfig = require('@backstage/cli/config/eslint-factory');

const common = '@mcp-cloud/plugin-mcp-cloud-common';
const node = '@mcp-cloud/plugin-mcp-cloud-node';
const backend = '@mcp-cloud/plugin-mcp-cloud-backend';
const frontend = '@mcp-cloud/plugin-mcp-cloud';
const catalogModule = '@mcp-cloud/plugin-catalog-backend-module-mcp-cloud';
const scaffolderModule =
  '@mcp-cloud/plugin-scaffolder-backend-module-mcp-cloud';
const bridge = '@mcp-cloud/bridge';

/** What each of our packages may import of the others. */
const allowed = {
  [common]: [],
  [node]: [common],
  [backend]: [common, node],
  [catalogModule]: [common, node],
  [scaffolderModule]: [common, node],
  [frontend]: [common],
  [bridge]: [],
  '@mcp-cloud/connect': [bridge],
  // `./dev` starts clusters, and shares what that takes of the system.
  '@mcp-cloud/dev': ['@mcp-cloud/dev-cluster'],
  '@mcp-cloud/dev-cluster': [],
  // It starts the built bridge, and imports nothing of it.
  '@mcp-cloud/benchmark-bridge': [],
  app: [frontend],
  backend: [common, backend, catalogModule, scaffolderModule],
};

/** Backstage's ESLint configuration for the package in a folder, and the direction of its dependencies. */
module.exports = function configFor(dir, extra = {}) {
  const { name } = require(join(dir, 'package.json'));
  const mayImport = allowed[name];
  if (!mayImport) {
    throw new Error(
      `${name} is missing in eslint.dependencies.js: say what it may import.`,
    );
  }
  const forbidden = Object.keys(allowed).filter(
    other =>
      other.startsWith('@mcp-cloud/') &&
      other !== name &&
      !mayImport.includes(other),
  );
  const message = `${name} must not depend on this package; see eslint.dependencies.js.`;
  // Every way to import, and also what is below a package, such as `…/alpha`. In tests too.
  const specifier = `/^(${forbidden
    .join('|')
    .replaceAll('/', '\\u002f')})(\\u002f|$)/`;
  return createConfig(dir, {
    ...extra,
    rules: {
      // A property that is tried on a hundred inputs asserts too.
      'jest/expect-expect': [
        'error',
        { assertFunctionNames: ['expect*', 'fc.assert', '**.expect'] },
      ],
      ...extra.rules,
    },
    restrictedSyntax: [
      { selector: `ImportDeclaration[source.value=${specifier}]`, message },
      { selector: `ImportExpression[source.value=${specifier}]`, message },
      {
        selector: `ExportNamedDeclaration[source.value=${specifier}]`,
        message,
      },
      { selector: `ExportAllDeclaration[source.value=${specifier}]`, message },
      {
        selector: `CallExpression[callee.name='require'][arguments.0.value=${specifier}]`,
        message,
      },
      ...(extra.restrictedSyntax ?? []),
    ],
  });
};
