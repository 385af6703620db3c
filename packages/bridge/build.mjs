// Bundles the bridge into one file, so that an image needs nothing but Node and this file.
import { chmodSync, readFileSync, renameSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(
  readFileSync(new URL('./package.json', import.meta.url), 'utf8'),
);
const protos = Object.fromEntries(
  ['mcp', 'health', 'reflection'].map(name => [
    name,
    readFileSync(new URL(`./proto/${name}.proto`, import.meta.url), 'utf8'),
  ]),
);
const outfile = new URL('./dist/mcp-bridge.mjs', import.meta.url).pathname;
// Made aside: what runs the bundle meanwhile never finds half of it.
const aside = `${outfile}.${process.pid}`;

await build({
  entryPoints: [new URL('./src/main.ts', import.meta.url).pathname],
  outfile: aside,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minifySyntax: true,
  legalComments: 'eof',
  define: {
    BRIDGE_VERSION: JSON.stringify(version),
    PROTO_TEXTS: JSON.stringify(protos),
  },
  banner: {
    // Dependencies that are CommonJS call require for Node's own modules.
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
chmodSync(aside, 0o755);
renameSync(aside, outfile);
console.log(`${outfile} (mcp-bridge ${version})`);
