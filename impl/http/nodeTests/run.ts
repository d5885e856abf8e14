/**
 * Runs Node's own tests of `net`, `http`, `https` and `tls`, or those of a pattern, over Serval's sockets: `npm run node-tests [-- PATTERN [DIRECTORY]]`. The
 * directory holds Node's sources. Without it, the script fetches them from Debian. Prints the tests that fail here and pass over TCP,
 * and exits with 1 if one of them is not among the known differences, or a known difference has gone.
 */
import { spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { differences } from './differences.ts'
import { unpackNode } from './unpack.ts'

const LIMIT_MS = 60_000
const HOOK = join(import.meta.dirname, 'hook.ts')
const CACHE = join(import.meta.dirname, '../../../out/node-tests')

const [pattern = 'test-{net,http,https,tls}-*.js', directory] = process.argv.slice(2)
const folder = join(directory ?? unpackNode(CACHE), 'test', 'parallel')
if (!existsSync(folder)) {
  console.error("Give the directory of Node's sources: it has a folder test/parallel.")
  process.exit(2)
}

/** Runs a test as Node's own runner does. Resolves to true if it passes. */
function passes(name: string, hook: readonly string[]): Promise<boolean> {
  const flags = /^\/\/ Flags: (.*)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1]?.split(/\s+/) ?? []
  const args = [...flags, ...hook, name]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', detached: true })
  // A test that hangs can have processes of its own, which hang too.
  const end = (): void => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // They have all ended.
    }
  }
  const limit = setTimeout(end, LIMIT_MS)
  return new Promise(resolve =>
    child.once('exit', code => {
      clearTimeout(limit)
      end()
      resolve(code === 0)
    }),
  )
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
  else if (!(await passes(name, []))) skipped++
  else {
    // Some tests depend on time, which a busy machine lacks.
    const passesLater = await passes(name, ['--import', HOOK])
    if (passesLater) passed++
    else unknown.push(name)
  }
}
console.log(
  `\n${names.length} tests: ${passed} pass, ${known} are known differences, ${skipped} fail over TCP too`,
)
for (const name of unknown) console.log(`  fails, and is not among the differences: ${name}`)
for (const name of gone) console.log(`  passes, and is among the differences: ${name}`)
process.exitCode = unknown.length + gone.length > 0 ? 1 : 0
