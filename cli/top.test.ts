/** `serval top` with real processes. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { sandbox } from './testing/startServal.ts'

const CLIENT = ['--address', '127.0.7.9:0']

test(
  'top shows a plane once, as JSON, or again and again, and goes on while the controller is gone',
  SLOW,
  async () => {
    await using here = sandbox()
    const run = (at: string) => here.start('controller', '--address', at, '--file', here.path('journal'))
    const controller = run('127.0.7.1:0')
    const at = await controller.said(/^controller at ([\d.:]+)/m)
    const replica = here.start('listen', 'acme/web', '--address', '127.0.7.2:0', '--controller', at, '--echo')
    await replica.said(/^registered/m)
    const router = here.start('router', '--address', '127.0.7.3:0', '--controller', at)
    await router.said(/^controller at/m)

    const { status, stdout } = await here.run(['top', '--once', ...CLIENT])
    expect(status).toBe(0)
    expect(String(stdout)).toMatch(/^controller at 127\.0\.7\.1:\d+, registry memory \(.*journal\): ok$/m)
    expect(String(stdout)).toMatch(/^3 hosts, 1 router among them: 127\.0\.7\.3:\d+$/m)
    expect(String(stdout)).toMatch(/^acme\/web +127\.0\.7\.2:\d+ +100 % /m)
    const asJson = await here.run(['top', '--once', '--json', '--below', 'acme', '--via', at, ...CLIENT])
    expect(JSON.parse(String(asJson.stdout))).toMatchObject({
      ...{ via: at, hosts: 3, routers: 1, trouble: '', failures: [] },
      ...{ counts: { instances: 2 }, instances: [{ service: 'acme/web', share: 1 }] },
    })

    const live = here.start('top', '--via', at, ...CLIENT)
    let text = ''
    live.stdout.on('data', piece => {
      text += piece
    })
    const shows = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(text)) await once(live.stdout, 'data')
    }
    await shows(/SERVICE[\s\S]*SERVICE/)
    await controller.stop('SIGKILL')
    await shows(/^(CONTROLLER_GONE|ECONNREFUSED|ECONNRESET|ETIMEDOUT): /m)
    text = ''
    run(at)
    await shows(/acme\/web/)
    expect(await live.stop()).toBe(130)
  },
)
