/** The options, errors and limits in programs.md are those of the proxy. */
import { expect, test } from 'vitest'
import { must } from '../checker/text/at.ts'
import { makeProgram } from '../cli/program.ts'
import { answerOf } from '../impl/proxy/errors.ts'
import { PIPELINED_LIMIT } from '../impl/proxy/httpSide.ts'
import { DIRECT_CONNECT_MS } from '../impl/proxy/outlet.ts'
import { CONNECTIONS_LIMIT, HEADER_LIMIT, IDLE_MS, REQUEST_MS } from '../impl/proxy/proxyServer.ts'
import { page, tableOf } from './pages.ts'

const programs = page('docs/programs.md')

test('options, beside those of connect', async () => {
  const { commands } = await makeProgram(() => {})
  const optionsOf = (name: string): (string | undefined)[] =>
    must(commands.find(one => one.name() === name)).options.map(({ long }) => long)
  const shared = optionsOf('connect').filter(option => option !== '--tcp')
  const told = tableOf(programs, 'option of `proxy`').map(([option]) => /--[\w-]+/.exec(must(option))?.[0])
  expect([...told, ...shared].sort()).toEqual(optionsOf('proxy').sort())
})

test('answers to errors', () => {
  const rows = tableOf(programs, 'error')
  expect(rows.length).toBeGreaterThan(6)
  for (const [code, reply, status] of rows) {
    const answer = answerOf({ code: must(code).replaceAll('`', '') })
    expect(Number.parseInt(must(reply), 10)).toBe(answer.reply)
    if (status !== '') expect(Number(status)).toBe(answer.status)
  }
})

test('limits', () => {
  const values = tableOf(programs, 'limit').map(([, value]) => value)
  expect(values).toEqual([
    ...[`${REQUEST_MS / 1000} s`, `${HEADER_LIMIT / 1024} KiB`, `${PIPELINED_LIMIT}`],
    ...[`${IDLE_MS / 1000} s`, `${DIRECT_CONNECT_MS / 1000} s`],
  ])
  expect(programs.text).toContain(`| ${CONNECTIONS_LIMIT} |`)
})
