/** Text of a peer that could steer a terminal arrives there escaped, in each command that prints what peers say. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CONTROLLER_SERVICE, decodeQuestion } from '../impl/control/messages.ts'
import { printServiceId, serviceIdOf } from '../impl/sal/serviceId.ts'
import { createServer, Stack } from '../impl/socket/index.ts'
import { recordSteps } from '../traces/steps/testing/record.ts'
import { place, type Result } from './startServal.ts'

const EVIL = '\u001b]0;title\u0007\u001b[2J\u009b31mEVIL\u202e\u2066'
const ESCAPED = '\\u001b]0;title\\u0007\\u001b[2J\\u009b31mEVIL\\u202e\\u2066'
// biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may reach a terminal
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

const WEB = printServiceId(serviceIdOf('acme/web'))

/** A controller that answers every question with hostile text. */
async function liar() {
  const stack = await new Stack({ addresses: ['127.0.3.20:0'] }).opened()
  const server = createServer({ stack }, async socket => {
    socket.on('error', () => {})
    let begun = ''
    const say = (answer: object): void => void socket.write(`${JSON.stringify(answer)}\n`)
    socket.on('data', chunk => {
      const lines = (begun + chunk).split('\n')
      begun = lines.pop()!
      for (const line of lines) answer(line, say)
    })
  })
  server.listen(CONTROLLER_SERVICE)
  await once(server, 'listening')
  return { at: stack.addresses[0]!, [Symbol.asyncDispose]: () => stack.close({ limitMs: 0 }) }
}

const RULES = { type: 'rules', prefix: WEB, name: EVIL }
const TARGET = { kind: 'forward', address: '127.0.3.21:54325', priority: 1, weight: 1 }

function answer(line: string, say: (answer: object) => void): void {
  const question = decodeQuestion(line)
  if (question.type === 'hello') {
    say({ ...RULES, targets: [TARGET] })
    say({ type: 'complete' })
  } else if (question.type === 'register') {
    const { service, instance, version } = question
    say({ type: 'refused', service, instance, version, code: 'CONTROLLER_SERVICE', message: EVIL })
  } else if (question.type === 'resolve') {
    say({ ...RULES, targets: [TARGET] })
    say({ type: 'resolved', service: question.service, found: true })
  } else if (question.type === 'list') {
    const row = {
      service: EVIL,
      id: WEB,
      address: '127.0.3.21:1',
      priority: 1,
      weight: 1,
      leaseMs: 1,
      flows: 1,
    }
    say({ type: 'listing', instances: [row], isMore: false, trouble: EVIL })
  }
}

const shown = ({ stdout, stderr }: Result): string => `${stdout}${stderr}`

test.for([
  ['listen', 'acme/x', '--echo', '--address', '127.0.3.22:0', '--controller'],
  ['services', '--address', '127.0.3.22:0', '--via'],
])('a controller that lies to %s', async args => {
  await using here = place()
  await using controller = await liar()
  const text = shown(await here.run([...args, controller.at]))
  expect(text).toContain(ESCAPED)
  expect(text).not.toMatch(UNSAFE)
})

test('a log of steps and a trace', async () => {
  await using here = place()
  const log = recordSteps(3, 'none')[0]!
  const [header, ...lines] = log.split('\n')
  const first = JSON.parse(lines[0]!)
  const changes = [
    { fired: [EVIL] },
    { effects: [{ type: EVIL }] },
    { after: { ...first.after, local: EVIL } },
  ]
  for (const change of changes) {
    const line = JSON.stringify({ ...first, ...change })
    writeFileSync(here.path('steps'), `${[header, line, ...lines.slice(1)].join('\n')}`)
    const text = shown(await here.run(['validate', here.path('steps')]))
    expect(text).toContain('EVIL')
    expect(text).not.toMatch(UNSAFE)
  }
  const file = new URL('../traces/corpus/D2-off-path-12.json', import.meta.url)
  const trace = JSON.parse(readFileSync(file, 'utf8'))
  trace.title = EVIL
  trace.steps[1].fired = [EVIL]
  writeFileSync(here.path('trace'), JSON.stringify(trace))
  for (const args of [['replay'], ['visualize', '--format', 'text'], ['visualize', '--format', 'mermaid']]) {
    const text = shown(await here.run([...args, here.path('trace')]))
    expect(text).toContain('EVIL')
    expect(text).not.toMatch(UNSAFE)
  }
})
