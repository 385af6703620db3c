// Bundles the fixture into the file that is named, for an image that has Node and nothing else.
import { build } from 'esbuild';

await build({
  entryPoints: [new URL('./fixture/server.ts', import.meta.url).pathname],
  outfile: process.argv[2],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  banner: {
    // Dependencies that are CommonJS call require for Node's own modules.
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
