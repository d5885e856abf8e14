/** Instances whose hosts report that their own checks fail. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { certifiedName, newServiceKey, publicKeyOf, readServiceKey } from '../host/services/certificate.ts'
import { hasNats, NatsServer } from './registry/testing/natsServer.ts'
import { ask, type Placed, Plane, serve, until } from './testing/plane.ts'

const WEB = 'acme/web'

async function served(plane: Plane, at: string, n: number): Promise<Placed[]> {
  const hosts: Placed[] = []
  for (let i = 0; i < n; i++) {
    const host = await plane.host([at])
    await serve(host, WEB, `from ${i}`)
    hosts.push(host)
  }
  return hosts
}

test('a failing instance stays registered and gets no new flows until it works again', async () => {
  await using plane = new Plane()
  const controller = await plane.controller()
  const [first, second] = (await served(plane, controller.at, 2)) as [Placed, Placed]
  const client = await plane.host([controller.at])
  await ask(client.stack, WEB)
  const told = once(client.agent, 'rules')
  first.agent.markFailing(WEB, true)
  const outs = () => controller.list().flatMap(({ out }) => out ?? [])
  await until(() => outs().length === 1)
  expect(outs()).toEqual(['failing'])
  await told
  for (let i = 0; i < 8; i++) expect(await ask(client.stack, WEB)).toBe('from 1')
  first.agent.markFailing(WEB, false)
  await until(() => outs().length === 0)
  expect(controller.list().map(({ weight }) => weight)).toEqual([1, 1])
  expect(second.agent.counters.refused).toBe(0)
})

test('at most half of the instances are out, and a drained one counts as no help', async () => {
  await using plane = new Plane()
  const controller = await plane.controller()
  const hosts = await served(plane, controller.at, 5)
  const outs = () => controller.list().filter(({ out }) => out === 'failing').length
  const failing = () => controller.list().filter(({ isFailing }) => isFailing).length
  for (const { agent } of hosts) agent.markFailing(WEB, true)
  await until(() => failing() === 5)
  expect(outs()).toBe(2)
  const target = (host: Placed | undefined) => must(must(host).stack.host.addresses[0])
  const { keeper } = controller.stack
  for (const host of hosts.slice(0, 2))
    await must(keeper).add(WEB, { kind: 'forward', address: target(host) }, { weight: 0 })
  expect(
    controller
      .list()
      .map(({ out }) => out ?? '')
      .sort(),
  ).toEqual(['', '', 'draining', 'draining', 'failing'])
})

test('a service may fail before it has a listener, and with a key', async () => {
  await using plane = new Plane()
  const controller = await plane.controller()
  const key = readServiceKey(newServiceKey())
  const name = certifiedName('acme/keyed', publicKeyOf(key))
  const host = await plane.host([controller.at], { key })
  host.agent.markFailing(name, true)
  await serve(host, name, 'hello')
  expect(controller.list()).toMatchObject([{ isFailing: true, weight: 1 }])
  const registered = once(host.agent, 'registered')
  host.agent.markFailing(name, false)
  await registered
  expect(controller.list().map(({ isFailing }) => isFailing)).toEqual([undefined])
})

if (hasNats())
  test('controllers of one registry take out the same failing instances', async () => {
    await using server = await NatsServer.start()
    await using plane = new Plane()
    const first = await plane.controller({ registry: server.registry() })
    const second = await plane.controller({ registry: server.registry() })
    for (const { agent } of await served(plane, first.at, 3)) agent.markFailing(WEB, true)
    const failing = () => [first, second].map(one => one.list().filter(({ isFailing }) => isFailing))
    await until(() => failing().every(rows => rows.length === 3))
    const [a, b] = failing().map(rows =>
      rows.flatMap(({ out, address }) => (out === 'failing' ? address : [])),
    )
    expect(a).toHaveLength(1)
    expect(b).toEqual(a)
  })
