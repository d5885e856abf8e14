/**
 * Runs Node's own tests of `net`, or those of a pattern, over Serval's sockets: `npm run node-tests -- DIRECTORY [PATTERN]`. The directory holds
 * Node's sources; Debian has them as the source package `nodejs`. Prints the tests that fail here and pass over TCP, and
 * exits with 1 if one of them is not among the known differences, or a known difference has gone.
 */
import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { differences } from './differences.ts'

const LIMIT_MS = 60_000
const HOOK = join(import.meta.dirname, 'hook.ts')

const source = process.argv[2]
const pattern = process.argv[3] ?? 'test-net-*.js'
const folder = join(source ?? '', 'test', 'parallel')
if (source === undefined || !existsSync(folder)) {
  console.error("Give the directory of Node's sources: it has a folder test/parallel.")
  process.exit(2)
}

/** Runs a test as Node's own runner does. Resolves to true if it passes. */
function passes(name: string, hook: readonly string[]): Promise<boolean> {
  const flags = /^\/\/ Flags: (.*)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1]?.split(/\s+/) ?? []
  const child = spawn(process.execPath, [...flags, ...hook, name], {
    cwd: folder,
    stdio: 'ignore',
    timeout: LIMIT_MS,
  })
  return new Promise(resolve => child.once('exit', code => resolve(code === 0)))
}

const names = globSync(pattern, { cwd: folder }).sort()
const [unknown, gone]: [string[], string[]] = [[], []]
let [passed, known, skipped] = [0, 0, 0]
for (const [i, name] of names.entries()) {
  if (process.stderr.isTTY) process.stderr.write(`\r${i + 1} of ${names.length}`)
  const isKnown = differences.has(name)
  if (await passes(name, ['--import', HOOK])) {
    passed++
    if (isKnown) gone.push(name)
  } else if (isKnown) known++
  else if (await passes(name, [])) unknown.push(name)
  else skipped++
}
console.log(
  `\n${names.length} tests: ${passed} pass, ${known} are known differences, ${skipped} fail over TCP too`,
)
for (const name of unknown) console.log(`  fails, and is not among the differences: ${name}`)
for (const name of gone) console.log(`  passes, and is among the differences: ${name}`)
process.exitCode = unknown.length + gone.length > 0 ? 1 : 0
