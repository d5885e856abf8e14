/**
 * Bundles the entries of the built package: a program then reads a few files instead of some hundred, which takes most of the
 * time of an import. Bundles share what several of them use, so an object of one is known to the others. The checker and the
 * machines stay as they are: lowering reads the names in their source, which a bundler changes.
 */
import { readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** The folder of the bundles, below `dist`. */
export const BUNDLES = 'bundles'

/** In a bundle, files beside a module are still found as from the module's own place. */
const fromItsPlace = (dist: string): Plugin => ({
  name: 'from its place',
  setup: builder =>
    builder.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const place = `new URL('../${relative(dist, path)}', import.meta.url).href`
      return { contents: text.replaceAll('import.meta.url', place) }
    }),
})

/** Bundles modules of `dist`, such as `impl/sockets/index.js`, each under its name in `entries`. Resolves to their files. */
export async function bundleEntries(
  dist: string,
  entries: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([name, module]) => [name, join(dist, module)]),
    ),
    outdir: join(dist, BUNDLES),
    ...{
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
    },
    ...{ sourcemap: true, sourcesContent: false, metafile: true, logLevel: 'warning' },
    plugins: [fromItsPlace(dist)],
  })
  return Object.keys(metafile.outputs).map(file => basename(file))
}
