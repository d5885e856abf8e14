#!/usr/bin/env node
// The command `serval`. A package runs what was built; a checkout runs main.ts with this Node, or, where it is too old
// for that, with the one that npm ci installs. Plain JavaScript, because Nodes that cannot run TypeScript must be able to
// run this.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

/** The first Node that runs TypeScript files as they are. */
const NEEDED = [22, 18]

const path = relative => fileURLToPath(new URL(relative, import.meta.url))
const [major, minor] = process.versions.node.split('.').map(Number)
/** The built program, seen from the package's own folder and from the built one. */
const built = ['./main.js', '../dist/cli/main.js'].find(file => existsSync(path(file)))

if (!existsSync(path('./main.ts')) && built !== undefined) {
  module.enableCompileCache?.()
  await import(built)
} else if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  // Before any TypeScript is loaded: what strips types takes longer to load than all the rest of a command's beginning.
  module.enableCompileCache()
  await import('./main.ts')
} else await runNewer()

async function runNewer() {
  const node = path('../node_modules/node/bin/node')
  if (!existsSync(node)) {
    console.error(
      `serval: CLI_NODE: this is Node ${process.versions.node} and ${NEEDED.join('.')} is needed; run npm ci, which brings one`,
    )
    process.exit(2)
  }
  const { spawn } = await import('node:child_process')
  const { constants } = await import('node:os')
  const child = spawn(node, [path('./serval.js'), ...process.argv.slice(2)], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to both; only main.ts knows what to say then.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
