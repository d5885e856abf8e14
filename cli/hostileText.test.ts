/** Text of a peer that could steer a terminal arrives there escaped, in each command that prints what peers say. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { must } from '../checker/text/at.ts'
import { recordSteps } from '../traces/steps/testing/record.ts'
import { ESCAPED, EVIL, lyingController, lyingProcess } from './testing/liars.ts'
import { runServal } from './testing/runServal.ts'
import { type Started, sandbox } from './testing/startServal.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may reach a terminal
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

const shown = ({
  stdout,
  stderr,
}: {
  readonly stdout: string | Uint8Array
  readonly stderr: string
}): string => `${stdout}${stderr}`

/** All that a command prints until it ends, or, if it goes on, until Ctrl-C that follows the first hostile words. */
async function printed(started: Started): Promise<string> {
  const stdout = buffer(started.stdout)
  started.stdin.end()
  // A command that says it on standard output ends by itself.
  await started.said(/EVIL/).catch(() => {})
  await started.stop()
  return shown({ stdout: await stdout, stderr: started.stderr })
}

function expectEscaped(text: string): void {
  expect(text).toContain(ESCAPED)
  expect(text).not.toMatch(UNSAFE)
  // Text that looks like a line of its own is part of a line.
  expect(text).not.toMatch(/^another line/m)
}

test.for([
  'listen acme/x --echo',
  'connect acme/x',
  'ping acme/x --count 1',
  'router',
  'services',
  'top --once',
  'top --once --json',
])('no text of a lying controller steers the terminal of %s', SLOW, async line => {
  await using here = sandbox()
  await using controller = await lyingController()
  const way = /^(services|top)/.test(line) ? '--via' : '--controller'
  expectEscaped(
    await printed(here.start(...line.split(' '), '--address', '127.0.3.22:0', way, controller.at)),
  )
})

test.for([
  'connect acme/web --address 127.0.3.22:0',
  'ping acme/web --address 127.0.3.22:0',
  'resolve acme/web',
  'resolve acme/web --json',
  'rule list',
  'rule list --json',
  'rule list --everywhere',
  'rule add acme/web --drop',
  'rule del acme/web --drop',
  'flows',
  'flows --json',
  'services',
  'services --json',
  'capture --output FILE',
  'migrate 127.0.0.1 127.0.0.2',
])('no text of a lying process steers the terminal of %s', SLOW, async line => {
  await using here = sandbox()
  await using _liar = await lyingProcess(here.path(`serval/${process.pid}.sock`))
  const args = line.replace('FILE', here.path('packets')).split(' ')
  expectEscaped(await printed(here.start(...args)))
})

test('no output of a command that a controller starts steers its terminal', SLOW, async () => {
  await using here = sandbox()
  writeFileSync(here.path('evil'), EVIL)
  const command = `acme/evil=cat ${here.path('evil')} >&2; exit 1`
  const files = ['--file', here.path('journal')]
  const controller = here.start('controller', '--address', '127.0.3.20:0', ...files, '--start', command)
  const at = await controller.said(/^controller at (\S+),/m)
  await here.run(['connect', 'acme/evil', '--address', '127.0.3.22:0', '--controller', at])
  expectEscaped(await printed(controller))
})

test('no text of a log or a trace steers the terminal of validate or replay', SLOW, async () => {
  using folder = scratchFolder()
  const path = (name: string): string => join(folder.path, name)
  // A host may have had no flow.
  const log = must(recordSteps(3, 'none').toSorted((a, b) => b.length - a.length)[0])
  const [header, ...lines] = log.split('\n')
  const first = JSON.parse(must(lines[0]))
  const changes = [
    { fired: [EVIL] },
    { effects: [{ type: EVIL }] },
    { after: { ...first.after, local: EVIL } },
  ]
  for (const change of changes) {
    const line = JSON.stringify({ ...first, ...change })
    writeFileSync(path('steps'), `${[header, line, ...lines.slice(1)].join('\n')}`)
    const text = shown(await runServal(['validate', path('steps')]))
    expect(text).toContain('EVIL')
    expect(text).not.toMatch(UNSAFE)
  }
  const file = new URL('../traces/corpus/S47-registration-47.json', import.meta.url)
  const trace = JSON.parse(readFileSync(file, 'utf8'))
  trace.title = EVIL
  trace.steps[1].fired = [EVIL]
  writeFileSync(path('trace'), JSON.stringify(trace))
  for (const args of [['replay'], ['visualize', '--format', 'text'], ['visualize', '--format', 'mermaid']]) {
    const text = shown(await runServal([...args, path('trace')]))
    expect(text).toContain('EVIL')
    expect(text).not.toMatch(UNSAFE)
  }
})
