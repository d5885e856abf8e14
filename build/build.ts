/**
 * Builds the package into `dist/`: JavaScript, declarations, source maps and the files that they read. Passes its arguments
 * to tsc.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

/** Node loads the same module for `require` as for `import`. TypeScript needs a declaration for it. */
const entries = Object.values<{ require?: { types: string; default: string } }>(exports).flatMap(
  entry => entry.require ?? [],
)
for (const { types, default: file } of entries) {
  const module = `./${file.slice(file.lastIndexOf('/') + 1).replace(/\.cjs$/, '.js')}`
  writeFileSync(join(root, file), `module.exports = require('${module}')\n`)
  writeFileSync(join(root, types), `export * from '${module}'\n`)
}
console.log(
  `built ${globSync('**/*.js', { cwd: dist }).length} modules, ${printed.length} printed from machines, ${entries.length} entries`,
)
