#!/usr/bin/env node
// The command `serval`: runs main.ts with this Node, or, where it is too old for that, with the one that the checkout
// brings. Plain JavaScript, because Nodes that cannot run TypeScript must be able to run this.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The first Node that runs TypeScript files as they are. */
const NEEDED = [22, 18]

const path = relative => fileURLToPath(new URL(relative, import.meta.url))
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  await import('./main.ts')
} else {
  const node = path('../node_modules/node/bin/node')
  if (existsSync(node)) {
    const child = spawn(node, [path('./main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
    // The terminal sends Ctrl-C to both; only main.ts knows what to say then.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  } else {
    console.error(
      `serval: CLI_NODE: this is Node ${process.versions.node} and ${NEEDED.join('.')} is needed; run npm ci, which brings one`,
    )
    process.exit(2)
  }
}
