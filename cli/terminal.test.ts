/** Live tables, as people see them: real processes at a real terminal. */

import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { type Size, startAtTerminal, terminalsForTests } from './terminal.ts'
import { sandbox } from './testing/startServal.ts'

const SIZE: Size = { columns: 90, rows: 20 }
const SMALL: Size = { columns: 60, rows: 4 }
/** Takes several lines of a small terminal. */
const LONG = `acme/${'long-'.repeat(12)}/${'name-'.repeat(12)}`

test(
  'without a terminal program, tests that need one are skipped with a note, but fail under CI',
  SLOW,
  () => {
    expect(() => terminalsForTests('true', 'no-such-script')).toThrow('apt-get install bsdutils')
  },
)

describe.runIf(terminalsForTests(process.env.CI))('at a terminal', () => {
  test('services --watch redraws the list in one place, cut to the screen, until Ctrl-C', SLOW, async () => {
    await using here = sandbox()
    const { started } = await here.listen('acme/first')
    await using terminal = startAtTerminal(['services', '--watch'], here.path('.'), SIZE)
    const first = await terminal.shows(/acme\/first/)
    expect(first.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^PID +SERVICE +FLOWS +PENDING +WAITING +ADDRESSES$/),
      expect.stringMatching(/^\d+ +acme\/first +0 +0 +0 +127\.0\.0\.1:\d+/),
    ])
    await here.listen(LONG)
    await using small = startAtTerminal(['services', '--watch'], here.path('.'), SMALL)
    await started.stop()
    const last = await terminal.shows(/^(?!(.|\n)*acme\/first)(.|\n)*acme\/long/)
    expect(last.match(/^PID/gm)).toHaveLength(1)
    const lines = (await small.shows(/and \d+ more lines\n$/)).trimEnd().split('\n')
    expect(lines).toHaveLength(SMALL.rows - 1)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(SMALL.columns)
    expect(await Promise.all([terminal.interrupt(), small.interrupt()])).toEqual([130, 130])
  })

  test('a controller shows its address and the registrations, live', SLOW, async () => {
    await using here = sandbox()
    await using controller = startAtTerminal(
      ['controller', '--address', '127.0.2.1:0', '--file', here.path('journal')],
      here.path('.'),
      SIZE,
    )
    const at = must(must(/controller at (\S+)/.exec(await controller.shows(/serval\/controller/)))[1])
    const replica = here.start('listen', 'acme/web', '--address', '127.0.2.2:0', '--controller', at, '--echo')
    const listed = /^acme\/web +127\.0\.2\.2:\d+ +100 +1 +\d+ s/m
    expect(await controller.shows(listed)).toMatch(/^2 instances, \d hosts?, registry memory/m)
    await using terminal = startAtTerminal(
      ['services', '--watch', '--via', at, '--address', '127.0.2.9:0'],
      here.path('.'),
      SIZE,
    )
    await terminal.shows(listed)
    await replica.stop()
    const gone = /^(?!(.|\n)*acme\/web)(.|\n)*serval\/controller/
    await Promise.all([controller.shows(gone), terminal.shows(gone)])
    expect(await terminal.interrupt()).toBe(130)
    expect(await controller.interrupt()).toBe(130)
  })
})
