/** `serval listen --check` with real processes. */
import { rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { sandbox } from './testing/startServal.ts'

const CLIENT = ['--address', '127.0.6.9:0']

test('a replica whose check fails gets no new connections until the check succeeds again', SLOW, async () => {
  await using here = sandbox()
  const controller = here.start('controller', '--address', '127.0.6.1:0', '--file', here.path('journal'))
  const at = await controller.said(/^controller at ([\d.:]+)/m)
  const [sign, broken] = [here.path('sign'), /^acme\/web: the check fails \(/m]
  const listen = async (address: string, ...more: string[]) => {
    const started = here.start(
      'listen',
      'acme/web',
      '--echo',
      '--address',
      address,
      '--controller',
      at,
      ...more,
    )
    await started.said(/^registered/m)
    return { started, place: await started.said(/^listening on \S+ at (\S+)/m) }
  }
  const rows = async () => String((await here.run(['services', '--via', at, ...CLIENT])).stdout)
  const weightOf = (text: string, place: string) =>
    new RegExp(`^acme/web +${place} +100 +(.*?)  `, 'm').exec(text)?.[1]

  const checked = await listen('127.0.6.2:0', '--check', `exec:test -e ${sign}`, '--check-every', '500ms')
  const other = await listen('127.0.6.3:0')
  await checked.started.said(broken)
  writeFileSync(sign, '')
  await checked.started.said(/^acme\/web: the check succeeds$/m)
  rmSync(sign)
  await checked.started.said(/the check succeeds\n[\s\S]*the check fails/)
  for (;;) {
    const text = await rows()
    if (weightOf(text, checked.place) !== 'failing') continue
    expect(weightOf(text, other.place)).toBe('1')
    break
  }
  // Alone it serves all the same.
  await other.started.stop()
  while (weightOf(await rows(), checked.place) !== '1 failing');
  writeFileSync(sign, '')
  await checked.started.said(/the check succeeds\n[\s\S]*the check fails[\s\S]*the check succeeds\n/)
  while (weightOf(await rows(), checked.place) !== '1');
  expect(await here.run(['connect', 'acme/web', '--controller', at, ...CLIENT], 'hi')).toMatchObject({
    status: 0,
  })
})

test('a check that never succeeds says why', SLOW, async () => {
  await using here = sandbox()
  const controller = here.start('controller', '--address', '127.0.6.1:0', '--file', here.path('journal'))
  const at = await controller.said(/^controller at ([\d.:]+)/m)
  const listen = here.start(
    ...['listen', 'acme/web', '--echo', '--address', '127.0.6.2:0', '--controller', at],
    ...['--check', 'exec:exit 7'],
  )
  expect(await listen.said(/acme\/web: the check fails \((.*)\)/)).toBe('the command ended with 7')
})

test.for([
  { options: ['--check', 'tcp:1'], why: '--check reports to a controller' },
  { options: ['--check-every', '1s'], why: '--check-every needs --check' },
])('$options alone have no effect, which is a mistake', SLOW, async ({ options, why }) => {
  await using here = sandbox()
  const { status, stderr } = await here.ask('listen', 'acme/web', '--echo', ...options)
  expect([status, stderr]).toEqual([2, expect.stringMatching(`^serval: CLI_USAGE: ${why}`)])
})
