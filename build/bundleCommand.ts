/**
 * Bundles the command into one file, for tests that start it some hundred times: a process then reads one file instead of
 * three hundred, lowers no machine, and finds its code compiled. Run as `node build/bundleCommand.ts FILE`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { must } from '../checker/text/at.ts'
import { printedModules } from './printMachines.ts'

const root = join(import.meta.dirname, '..')
const main = join(root, 'cli/main.ts')

/** The commands that run stacks. Others read their own source, or start threads and processes from files beside them. */
const BUNDLED = new Set(
  'capture connect controller flows listen migrate ping proxy resolve router rule services'.split(' '),
)

const printed = await printedModules(root)

/** Leaves the other commands where they are, and loads the machines as the package does. */
const asPackaged: Plugin = {
  name: 'as packaged',
  setup(build) {
    build.onResolve({ filter: /^\.\/commands\/\w+\.ts$/ }, ({ path, resolveDir }) =>
      BUNDLED.has(basename(path, '.ts'))
        ? undefined
        : { path: pathToFileURL(resolve(resolveDir, path)).href, external: true },
    )
    // An import of node:http loads all that it exports, WebSocket too, which takes longer than the rest of the start.
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node' }))
    build.onLoad({ filter: /^/, namespace: 'node' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
    }))
    build.onLoad({ filter: /\/spec\/machines\/\w+\/(states|step)\.ts$/ }, ({ path }) => ({
      contents: must(printed.get(relative(root, path)), path).replace("printed.js'", "printed.ts'"),
    }))
  },
}

const { outputFiles } = await build({
  entryPoints: [main],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
  plugins: [asPackaged],
  // Files are found as from the folder of the source.
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(main).href) },
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
})

const file = must(process.argv[2], 'FILE')
mkdirSync(dirname(file), { recursive: true })
// Another run of the tests may be reading it.
writeFileSync(`${file}.${process.pid}`, must(outputFiles[0]).text)
renameSync(`${file}.${process.pid}`, file)
// The first process that runs a file stores what it compiled, for all others. Opens a stack and sends a packet, because most
// tests do.
const first = 'ping tests/nobody --via 127.0.0.1:9 --count 1 --timeout 1'
spawnSync(process.execPath, [file, ...first.split(' ')])
