/** Hosts that register other addresses than their own, such as the public side of a translator (NAT). */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { printPrefix } from '../host/services/serviceId.ts'
import { connect, Stack } from '../sockets/index.ts'
import { listenedOf } from '../sockets/services.ts'
import { Agent } from './agent.ts'
import { listInstances } from './directory.ts'
import { statisticsOf } from './flowCounts.ts'
import { Registrants } from './registrants.ts'
import { ask, Plane, serve } from './testing/plane.ts'
import type { PortForward } from './testing/portForward.ts'

const WEB = 'acme/web'

/** A host with ports that lead to it from outside, which it advertises, and a client. */
async function behind(plane: Plane, ports: number) {
  const controller = await plane.controller()
  const inside = await plane.stack()
  const [host = '', port = ''] = at(inside.addresses, 0).split(':')
  await inside.close()
  const forwards: PortForward[] = []
  for (let i = 0; i < ports; i++) forwards.push(await plane.portForward(host, `${host}:${port}`))
  const advertise = forwards.map(({ address }) => address)
  const server = await plane.host([controller.at], {}, { addresses: [`${host}:${port}`], advertise })
  return { controller, server, forwards, advertise }
}

describe('a host that advertises an address', () => {
  test('registers it, and its clients come through it', async () => {
    await using plane = new Plane()
    const { controller, server, forwards, advertise } = await behind(plane, 1)
    const listening = await serve(server, WEB, 'hello')
    expect(listening.address()?.addresses).toEqual(advertise)
    const client = await plane.host([controller.at])
    expect(await listInstances(client.stack, controller.at)).toMatchObject([
      { address: forwards[0]?.address },
    ])
    expect(await ask(client.stack, WEB)).toBe('hello')
    expect(forwards[0]?.count).toBeGreaterThan(2)
  })

  test('registers each of several as an instance, and withdraws them together', async () => {
    await using plane = new Plane()
    const { controller, server, advertise } = await behind(plane, 3)
    await serve(server, WEB, 'hello')
    const list = () => listInstances(server.stack, controller.at)
    const registered = await list()
    expect(registered.map(({ address }) => address).sort()).toEqual([...advertise].sort())
    const released: string[] = []
    server.agent.on('released', id => released.push(id))
    await server.agent.withdraw(WEB)
    expect(released.length).toBe(1)
    expect(await list()).toEqual([])
  })

  test('counts the flows of a service once, not at each address', async () => {
    await using plane = new Plane()
    const { server, advertise } = await behind(plane, 2)
    await serve(server, WEB, 'hello')
    const socket = connect({
      service: WEB,
      via: at(advertise, 1),
      stack: await plane.stack(),
      allowHalfOpen: true,
    })
    await once(socket, 'data')
    const registrants = new Registrants(
      { send() {}, renew() {}, released() {}, registered() {} },
      1000,
      server.stack.random,
    )
    const locations = advertise.map(address => ({ address, priority: 1, weight: 1 }))
    registrants.bind(printPrefix(listenedOf(WEB)), WEB, locations, 0)
    const [told] = statisticsOf(server.stack.host, registrants.all())
    expect(told).toMatchObject({ instances: [{ flows: 1 }, { flows: 0 }] })
    socket.destroy()
  })

  test('takes no detour to a service of its own', async () => {
    await using plane = new Plane()
    const { controller, server, forwards } = await behind(plane, 1)
    await serve(server, WEB, 'hello')
    // It hears of all rules, also of the one that leads to itself.
    await using all = new Agent({ stack: server.stack, controllers: [controller.at], rules: 'all' })
    await once(all, 'rules')
    expect(await ask(server.stack, WEB)).toBe('hello')
    expect([
      forwards[0]?.count,
      server.stack.rules.list().filter(({ target }) => typeof target === 'object'),
    ]).toEqual([0, []])
  })
})

test('a stack refuses what is no address, and more than eight', () => {
  expect(() => new Stack({ advertise: ['nowhere'] })).toThrow('LINK_ADDRESS')
  const many = Array.from({ length: 9 }, (_, i) => `192.0.2.${i + 1}`)
  expect(() => new Stack({ advertise: many })).toThrow('EINVAL: advertise has 9 addresses; give at most 8')
})
