// Bundles the engine into packages/core/bundle, the programs of the pages into packages/explore/bundle (one file each,
// which a page carries inside) and the command into packages/cli/bundle. Constants that are imported
// across modules become literals there, which V8 folds (imported ones it does not): the check of a map takes half the
// time. And the command starts a tenth of a second sooner. node scripts/bundle.mjs
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const common = {
  bundle: true,
  format: 'esm',
  target: 'node20',
  minifySyntax: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  // What is bundled is JavaScript already; without this, esbuild reads any tsconfig.json in the folders above.
  tsconfigRaw: '{}',
};

for (const name of ['core', 'explore', 'cli']) rmSync(join(packages, name, 'bundle'), { recursive: true, force: true });
await build({
  ...common,
  entryPoints: [join(packages, 'core/dist/index.js')],
  outdir: join(packages, 'core/bundle'),
  platform: 'neutral',
});
await build({
  ...common,
  entryPoints: ['report', 'explore'].map((name) => join(packages, `explore/dist/page/browser/${name}.js`)),
  outdir: join(packages, 'explore/bundle'),
  // From the engine's separate modules, whose constants become literals here.
  conditions: ['unbundled'],
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  minify: true,
  sourcemap: false,
  legalComments: 'none',
});
await build({
  ...common,
  entryPoints: [join(packages, 'cli/dist/main.js')],
  outdir: join(packages, 'cli/bundle'),
  // Workers and scenarios are files of their own; and what bench measures is the engine as other programs load it.
  external: ['@overmap/bench', '@overmap/compare'],
  // From the engine's separate modules: constants of a bundle are no literals any more.
  conditions: ['unbundled'],
  splitting: true,
  platform: 'node',
  minifyWhitespace: true,
  // yargs reads its translations by require.
  banner: {
    js: "import{createRequire as overmapRequire}from'node:module';const require=overmapRequire(import.meta.url);",
  },
});
