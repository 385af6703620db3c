// Writes the reference of the configuration, docs/reference/bridge-configuration.md, out of its schema.
import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: [new URL('./src/config/reference.ts', import.meta.url).pathname],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
});
const { referencePage } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString(
    'base64',
  )}`
);
const page = new URL(
  '../../docs/reference/bridge-configuration.md',
  import.meta.url,
);
writeFileSync(page, referencePage());
console.log(page.pathname);
