/**
 * Builds the package into `dist/`: JavaScript, declarations, source maps and the files that they read. Passes its arguments
 * to tsc.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { must } from '../checker/text/at.ts'
import { BUNDLES, bundleEntries } from './bundleEntries.ts'
import { printMachines } from './printMachines.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** Files that the code reads as they are. */
const READ = [
  'cli/serval.js',
  'studio/browser/*.{js,css}',
  'traces/corpus/*.json',
  'properties/*/results.json',
]

/** A file beside a module, such as the program of a child process: `new URL('./replica.ts', import.meta.url)`. */
const BESIDE = /(new URL\('\.[^']*)\.ts(', import\.meta\.url\))/g

const { version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

rmSync(dist, { recursive: true, force: true })
// Threads check the types that they share again and again: one takes half the CPU time of several.
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const compile = ['-p', import.meta.dirname, '--singleThreaded', ...process.argv.slice(2)]
execFileSync(process.execPath, [tsc, ...compile], { stdio: 'inherit' })

for (const name of globSync('**/*.js', { cwd: dist })) {
  const file = join(dist, name)
  const text = readFileSync(file, 'utf8')
  const built = text.replace(BESIDE, '$1.js$2')
  if (built !== text) writeFileSync(file, built)
}

for (const name of READ.flatMap(pattern => globSync(pattern, { cwd: root }))) {
  mkdirSync(dirname(join(dist, name)), { recursive: true })
  copyFileSync(join(root, name), join(dist, name))
}
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ type: 'module', version })}\n`)

const printed = await printMachines(root, dist)

interface Entry {
  readonly types: string
  readonly default: string
}

/** The entries of the package: the module of each follows from its declarations. */
const entries = Object.entries<{ import?: Entry | string; types?: string; require?: Entry }>(exports).flatMap(
  ([name, { import: imported, types, require: required }]) => {
    if (imported === undefined) return []
    const declared = typeof imported === 'string' ? types : imported.types
    return { name, file: typeof imported === 'string' ? imported : imported.default, declared, required }
  },
)
const isBundled = (file: string): boolean => file.startsWith(`./dist/${BUNDLES}/`)
const bundles = await bundleEntries(
  dist,
  Object.fromEntries(
    entries
      .filter(({ file }) => isBundled(file))
      .map(({ file, declared }) => [
        basename(file, '.js'),
        relative('dist', must(declared).replace(/\.d\.ts$/, '.js')),
      ]),
  ),
)

/** Node loads the same module for `require` as for `import`. TypeScript needs a declaration for it. */
for (const { file, declared, required } of entries) {
  if (required === undefined) continue
  writeFileSync(join(root, required.default), `module.exports = require('./${basename(file)}')\n`)
  writeFileSync(
    join(root, required.types),
    `export * from './${basename(must(declared)).replace(/\.d\.ts$/, '.js')}'\n`,
  )
}
console.log(
  `built ${globSync('**/*.js', { cwd: dist }).length} modules, ${printed.length} printed from machines, ` +
    `${entries.length} entries, bundles of ${bundles.filter(name => name.endsWith('.js')).length} files`,
)
