/** Controllers, hosts and clients over UDP on loopback. */

import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { certifiedName, newServiceKey, publicKeyOf, readServiceKey } from '../host/services/certificate.ts'
import { connect } from '../sockets/index.ts'
import { Agent } from './agent.ts'
import { listInstances } from './directory.ts'
import { NEAR_PRIORITY } from './limits.ts'
import { MemoryRegistry } from './registry/memory.ts'
import { ask, Plane, serve, until } from './testing/plane.ts'

const WEB = 'acme/web'

describe('a client', () => {
  test('finds a service by its name alone', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const [server, client] = [await plane.host([at]), await plane.host([at])]
    await serve(server, WEB, 'hello')
    expect(await ask(client.stack, WEB)).toBe('hello')
    expect(client.agent.rules.size).toBe(1)
  })

  test('learns that nobody serves a service', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const client = await plane.host([at])
    const socket = connect({ service: 'acme/nothing', stack: client.stack })
    expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'ENOTFOUND' })
  })

  test('waits for a controller only as long as its signal allows', async () => {
    await using plane = new Plane()
    const stack = await plane.stack()
    await using agent = new Agent({ stack, controllers: ['127.0.1.99:9'] })
    const signal = AbortSignal.timeout(20)
    await expect(agent.connected({ signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(agent.registered(WEB, { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    stack.offers.set(WEB, true)
    await agent.withdraw(WEB, { signal })
  })

  test("rejects a priority or weight outside of a rule's range, and keeps its own", async () => {
    await using plane = new Plane()
    const stack = await plane.stack()
    for (const wrong of [-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new Agent({ stack, weight: wrong })).toThrow('SERVICE_WEIGHT')
      expect(() => new Agent({ stack, priority: wrong })).toThrow('SERVICE_PRIORITY')
    }
    expect(() => new Agent({ stack, priority: NEAR_PRIORITY })).toThrow('SERVICE_PRIORITY')
    const { at } = await plane.controller()
    const server = await plane.host([at], { weight: 3 })
    for (const wrong of [-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => server.agent.weigh(wrong)).toThrow('SERVICE_WEIGHT')
    await serve(server, WEB, 'hello')
    expect(await listInstances(stack, at)).toMatchObject([{ weight: 3 }])
  })

  test('asks no controller for services that its own default rule covers', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const stack = await plane.stack()
    stack.rules.add('*', { via: '192.0.2.1' })
    await using agent = new Agent({ stack, controllers: [at], delays: true })
    await agent.connected()
    expect(stack.rules.list().map(({ target }) => target)).toEqual([{ via: '192.0.2.1:54325' }, 'delay'])
  })

  test('is redirected as instances come and go, drain, and move', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const [one, two, client] = [await plane.host([at]), await plane.host([at]), await plane.host([at])]
    await serve(one, WEB, 'one')
    expect(await ask(client.stack, WEB)).toBe('one')
    const joined = once(client.agent, 'rules')
    const server = await serve(two, WEB, 'two')
    await joined
    const drained = once(client.agent, 'rules')
    one.agent.weigh(0)
    await drained
    expect([await ask(client.stack, WEB), await ask(client.stack, WEB)]).toEqual(['two', 'two'])
    const back = once(client.agent, 'rules')
    one.agent.weigh(1)
    await back
    await two.agent.withdraw(WEB)
    expect(server.listening).toBe(true)
    expect([await ask(client.stack, WEB), await ask(client.stack, WEB)]).toEqual(['one', 'one'])
    const [before] = one.stack.addresses
    const moved = once(client.agent, 'rules')
    await one.stack.addAddress('127.0.1.77:0')
    await one.stack.removeAddress(must(before))
    await moved
    expect(await ask(client.stack, WEB)).toBe('one')
  })

  test('learns at once that all instances drain, and finds the service when one no longer does', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const [server, client] = [await plane.host([at]), await plane.host([at])]
    await serve(server, WEB, 'hello')
    expect(await ask(client.stack, WEB)).toBe('hello')
    const drained = once(client.agent, 'rules')
    server.agent.weigh(0)
    await drained
    const socket = connect({ service: WEB, stack: client.stack })
    expect((await once(socket, 'error'))[0]).toMatchObject({ code: 'ENOTFOUND' })
    const back = once(client.agent, 'rules')
    server.agent.weigh(1)
    await back
    expect(await ask(client.stack, WEB)).toBe('hello')
  })

  test('stays in its own network while that has an instance', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller({ networks: ['127.0.1.0/24', '127.0.5.0/24'] })
    const far = await plane.host([at], {}, { addresses: ['127.0.5.1:0'] })
    const [near, client] = [await plane.host([at]), await plane.host([at])]
    await serve(far, WEB, 'far')
    await serve(near, WEB, 'near')
    const said = [await ask(client.stack, WEB), await ask(client.stack, WEB), await ask(client.stack, WEB)]
    expect(said).toEqual(['near', 'near', 'near'])
    const gone = once(client.agent, 'rules')
    await near.agent.withdraw(WEB)
    await gone
    expect(await ask(client.stack, WEB)).toBe('far')
  })
})

describe('a controller', () => {
  test('that dies loses nothing: another one takes over with all registrations', async () => {
    await using plane = new Plane()
    const [first, second] = [await plane.controller(), await plane.controller()]
    const both = [first.at, second.at]
    const [server, client] = [await plane.host(both), await plane.host(both)]
    await serve(server, WEB, 'hello')
    expect([server.agent.controller, client.agent.controller]).toEqual([first.at, first.at])
    const taken = Promise.all([once(server.agent, 'registered'), once(client.agent, 'connected')])
    await first.stack.close({ limitMs: 0 })
    await taken
    expect([server.agent.controller, client.agent.controller]).toEqual([second.at, second.at])
    expect(await ask(client.stack, WEB)).toBe('hello')
  })

  test('ends leases that are not renewed, and restores its state after a restart', async () => {
    await using plane = new Plane()
    const registry = plane.file()
    const first = await plane.controller({ registry: new MemoryRegistry({ file: registry }) })
    const [lasting, dying] = [await plane.host([first.at]), await plane.host([first.at], { leaseMs: 1000 })]
    await serve(lasting, WEB, 'lasting')
    await serve(dying, 'acme/short', 'dying')
    // Nothing leaves the controller any more, as if its machine were cut off.
    dying.stack.driver.stop()
    await until(() => first.ledger.registrations.counters.expired === 1)
    await first.close()
    await first.stack.close({ limitMs: 0 })
    const second = await plane.controller({ registry: new MemoryRegistry({ file: registry }) })
    expect(second.list().map(({ service }) => service)).toEqual([WEB])
    const client = await plane.host([second.at])
    expect(await ask(client.stack, WEB)).toBe('lasting')
  })

  test('lists registrations for any client', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const server = await plane.host([at])
    for (let i = 0; i < 300; i++) server.stack.offers.set(`acme/s${i}`, true)
    await server.agent.registered('acme/s299')
    const listed = await listInstances(await plane.stack(), at)
    expect(listed.length).toBe(300)
    expect(new Set(listed.map(({ service }) => service)).size).toBe(300)
    expect(listed[0]).toMatchObject({ address: server.stack.addresses[0], priority: 100, weight: 1 })
    const nobody = await plane.stack()
    await expect(listInstances(await plane.stack(), must(nobody.addresses[0]))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  test('starts a service on demand, and reports a failed start', async () => {
    await using plane = new Plane()
    const { at, failures } = await plane.controller({
      start: { 'acme/broken': 'echo no$SERVAL_TOKEN >&2; exit 3' },
    })
    const client = await plane.host([at])
    process.env.SERVAL_TOKEN = 'secret'
    const socket = connect({ service: 'acme/broken/eu', stack: client.stack })
    const [error] = await once(socket, 'error').finally(() => delete process.env.SERVAL_TOKEN)
    expect(error).toMatchObject({ code: 'ENOTFOUND' })
    expect(failures).toEqual([expect.stringMatching(/it has ended with 3: no$/)])
  })

  test("refuses registrations above a host's share, and serves other hosts", async () => {
    await using plane = new Plane()
    const { at, ledger } = await plane.controller({ mostPerHost: 5 })
    const [greedy, modest] = [await plane.host([at]), await plane.host([at])]
    const refusals: { code: string }[] = []
    greedy.agent.on('refused', refusal => refusals.push(refusal))
    for (let i = 0; i < 20; i++) greedy.stack.offers.set(`acme/s${i}`, true)
    await until(() => refusals.length === 15)
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['CONTROLLER_LIMIT']))
    expect(ledger.registrations.known.size).toBe(5)
    await serve(modest, WEB, 'modest')
    expect(await ask(greedy.stack, WEB)).toBe('modest')
  })
})

describe('a keyed service', () => {
  const key = readServiceKey(newServiceKey())
  const service = certifiedName(WEB, publicKeyOf(key))

  test('can be registered only with its key', async () => {
    await using plane = new Plane()
    const { at } = await plane.controller()
    const [right, wrong] = [
      await plane.host([at], { key }),
      await plane.host([at], { key: readServiceKey(newServiceKey()) }),
    ]
    const none = await plane.host([at])
    for (const impostor of [wrong, none]) {
      const refused = once(impostor.agent, 'refused')
      impostor.stack.offers.set(service, true)
      expect((await refused)[0]).toMatchObject({ code: 'CONTROLLER_CERTIFICATE' })
    }
    await serve(right, service, 'genuine')
    expect(await ask(none.stack, service)).toBe('genuine')
  })
})
