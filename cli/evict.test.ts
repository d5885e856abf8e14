/** `serval evict` at the controller of real processes. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { sandbox } from './testing/startServal.ts'

const CLIENT = ['--address', '127.0.5.9:0']

test(
  'an evicted replica stays out, also when the controller was killed, until the operator lets it back',
  SLOW,
  async () => {
    await using here = sandbox()
    const controller = async (address: string) => {
      const started = here.start('controller', '--address', address, '--file', here.path('journal'))
      return { started, at: await started.said(/^controller at ([\d.:]+)/m) }
    }
    const { started, at } = await controller('127.0.5.1:0')
    const asked = ['--address', '127.0.5.2:0', '--controller', at, '--lease', '1s', '--echo']
    const replica = here.start('listen', 'acme/web', ...asked)
    const address = await replica.said(/^listening on \S+ at (\S+)/m)
    await replica.said(/^registered/m)
    const evict = (...args: string[]) => here.run(['evict', 'acme/web', ...args])
    const rows = async () => String((await here.run(['services', '--via', at, ...CLIENT])).stdout)

    const { status, stdout } = await evict(address)
    expect([status, String(stdout)]).toEqual([0, `evicted: 1 instance of acme/web at ${address}\n`])
    await replica.said(/^the controller refuses: CONTROLLER_EVICTED: /m)
    expect(await evict('127.0.5.77')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('CONTROLLER_INSTANCE: no instance of acme/web at 127.0.5.77:54325'),
    })

    await started.stop('SIGKILL')
    await controller(at)
    await replica.said(/^controller at .*^controller at /ms)
    expect(await rows()).toMatch(new RegExp(`^acme/web +${address} +100 +evicted `, 'm'))
    const told = replica.stderr.length
    expect(await evict(address, '--undo')).toMatchObject({ status: 0 })
    while (!replica.stderr.slice(told).includes('registered acme/web')) await wait(20)
    expect(await rows()).toMatch(new RegExp(`^acme/web +${address} +100 +1 `, 'm'))
  },
)
