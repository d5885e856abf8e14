/** Keeps commands.md true: its options, methods and exit codes are those of the code. */

import { expect, test } from 'vitest'
import { must } from '../checker/text/at.ts'
import { EXIT } from '../cli/exit.ts'
import { makeProgram } from '../cli/program.ts'
import { METHODS } from '../impl/admin/methods.ts'
import { SERVER_PORT } from '../impl/link/address.ts'
import { namesIn, page, tableOf } from './pages.ts'

const commands = page('docs/commands.md')
const services = page('docs/services.md')
const program = await makeProgram(() => {})
const optionsOf = (name: string): string[] => {
  const command = must(program.commands.find(one => one.name() === name))
  return command.options.map(({ long }) => must(long))
}

test('options are those of the commands', () => {
  const [ways, common] = ['none', '`--address ADDRESS`'].map(first => {
    const heading = must(commands.prose.split('\n').find(line => line.startsWith(`| ${first}`)))
    const at = commands.prose.indexOf(heading)
    return commands.prose
      .slice(at, commands.prose.indexOf('\n\n', at))
      .split('\n')
      .flatMap(line => /^\| `(--[\w-]+)/.exec(line)?.[1] ?? [])
  })
  expect(optionsOf('listen').sort()).toEqual(
    [...must(ways), ...must(common).filter(one => one !== '--via' && one !== '--from')].sort(),
  )
  expect(optionsOf('connect').sort()).toEqual(
    [...must(common).filter(one => one !== '--advertise'), '--tcp'].sort(),
  )
  const told = commands.spans.filter(span => span.startsWith('--')).map(span => must(span.split(' ')[0]))
  const known = [
    'listen',
    'connect',
    'ping',
    'flows',
    'services',
    'rule',
    'evict',
    'key',
    'top',
    'migrate',
    'capture',
  ].flatMap(optionsOf)
  expect(told.filter(option => option !== '--help' && !known.includes(option))).toEqual([])
})

test('the ranks that a rule has by default', () => {
  const { options } = must(program.commands.find(one => one.name() === 'rule'))
  const [, keeps] = must(
    /\(default: (1 for a new rule; an existing rule keeps its own)\)/.exec(commands.prose),
  )
  for (const long of ['--priority', '--weight'])
    expect(must(options.find(option => option.long === long)).description).toContain(keeps)
  for (const name of ['`priority`', '`weight`'])
    expect(must(tableOf(services, 'option').find(([option]) => option === name))[1]).toBe(keeps)
})

test('methods, with what they take', () => {
  const told = tableOf(commands, 'method').map(([method, params]) => [method, params].join(' '))
  const known = Object.entries(METHODS).map(([name, { params }]) => {
    const codec: { readonly type?: { readonly props: object }; readonly props?: object } = params
    const fields = Object.keys(codec.props ?? must(codec.type).props)
    return `\`${name}\` ${fields.map(field => `\`${field}\``).join(', ') || 'none'}`
  })
  expect(told).toEqual(known)
})

test('exit codes and port', () => {
  expect(namesIn(commands, 'exit code').map(Number)).toEqual(Object.values(EXIT))
  expect(commands.prose).toContain(`is ${SERVER_PORT} for`)
})
