/** Several controllers share a registry in a real NATS server. */

import { once } from 'node:events'
import { expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { hasNats, NatsServer } from './registry/testing/natsServer.ts'
import { ask, Plane, serve, until } from './testing/plane.ts'

const WEB = 'acme/web'

if (hasNats()) {
  test('a prefix registered at one controller is found through the other, until its lease ends', async () => {
    await using server = await NatsServer.start()
    await using plane = new Plane()
    const first = await plane.controller({ registry: server.registry() })
    const second = await plane.controller({ registry: server.registry() })
    const host = await plane.host([first.at], { leaseMs: 3000 })
    await serve(host, 'acme/*', 'hello')
    await until(() => second.list().length === 1)
    const client = await plane.host([second.at])
    expect(await ask(client.stack, WEB)).toBe('hello')
    // The registry carries the renewal: the other controller's countdown starts over.
    const [due] = second.list()
    await until(() => at(second.list(), 0).leaseMs > must(due).leaseMs)
    // Stops its controller and the host together; the other controller ends the lease.
    host.stack.driver.stop()
    await first.stack.close({ limitMs: 0 })
    await until(() => second.list().length === 0)
    expect(second.ledger.registrations.counters.expired).toBe(1)
  })

  test('a host whose controller dies fails over with the same instance', async () => {
    await using server = await NatsServer.start()
    await using plane = new Plane()
    const first = await plane.controller({ registry: server.registry() })
    const second = await plane.controller({ registry: server.registry() })
    const host = await plane.host([first.at, second.at])
    await serve(host, WEB, 'hello')
    const taken = once(host.agent, 'registered')
    await first.stack.close({ limitMs: 0 })
    await taken
    expect([second.list().length, second.ledger.registrations.known.size]).toEqual([1, 1])
    await host.agent.withdraw(WEB)
    expect(second.list()).toEqual([])
  })

  test('a registry that is down loses nothing, and receives all changes when it is back', async () => {
    await using server = await NatsServer.start()
    await using plane = new Plane()
    const controller = await plane.controller({ registry: server.registry() })
    const [host, client] = [await plane.host([controller.at]), await plane.host([controller.at])]
    await serve(host, WEB, 'hello')
    await server.kill()
    await until(() => !controller.ledger.isReachable)
    expect(await ask(client.stack, WEB)).toBe('hello')
    const refused = once(host.agent, 'refused')
    host.stack.offers.set('acme/late', true)
    expect((await refused)[0]).toMatchObject({ code: 'CONTROLLER_REGISTRY', service: 'acme/late' })
    await server.start()
    await host.agent.registered('acme/late')
    expect(new Set(controller.list().map(({ service }) => service))).toEqual(new Set([WEB, 'acme/late']))
    // Also at the end.
    await server.kill()
    await controller.close()
    expect(controller.peers).toBeLessThanOrEqual(2)
  })
}
