/** A controller takes instances that do not answer out of resolution, and no others. */
import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { at, must } from '../../checker/text/at.ts'
import { serviceIdOf } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import { ask, type Placed, Plane, serve, until } from './testing/plane.ts'

const WEB = 'acme/web'
const placeOf = ({ stack }: Placed): string => at(stack.addresses, 0)
/** The process has died, and nobody knows yet. */
const vanish = ({ stack }: Placed) => stack.driver.link.close()

async function plane(replicas: number) {
  const made = new Plane()
  /** The names of services whose instances have changed, as an operator reads them. */
  const changed = new Set<string | undefined>()
  const controller = await made.controller({ onChange: (_id, service) => changed.add(service) })
  const servers: Placed[] = []
  for (let i = 0; i < replicas; i++) {
    const server = await made.host([controller.at])
    await serve(server, WEB, `from ${i}`)
    servers.push(server)
  }
  const client = await made.host([controller.at])
  const weights = () =>
    new Map(
      controller
        .list()
        .flatMap(({ service, address, weight }) => (service === WEB ? [[address, weight]] : [])),
    )
  const report = (server: Placed): void =>
    must(client.stack.host.onSilent)(serviceIdOf(WEB), parseAddress(placeOf(server)))
  return { made, controller, servers, client, weights, report, changed }
}

test(
  'a client reaches a live replica every time, and the dead one is ejected before its lease ends',
  SLOW,
  async () => {
    const { made, controller, servers, client, weights, changed } = await plane(2)
    await using _ = made
    const [dead, live] = servers as [Placed, Placed]
    await ask(client.stack, WEB)
    await vanish(dead)
    while (controller.exclusion.ejections.counters.ejected === 0)
      expect(await ask(client.stack, WEB)).toBe('from 1')
    expect(weights()).toEqual(
      new Map([
        [placeOf(dead), 0],
        [placeOf(live), 1],
      ]),
    )
    expect(await ask(client.stack, WEB)).toBe('from 1')
    expect(changed).not.toContain(undefined)
  },
)

test('a liar ejects nothing that serves, and causes one probe for many reports', SLOW, async () => {
  const { made, controller, servers, weights, report } = await plane(2)
  await using _ = made
  for (let i = 0; i < 100; i++) report(at(servers, 0))
  await until(() => controller.exclusion.ejections.counters.probes > 0)
  await until(() => controller.counters.questions >= 100)
  expect(controller.exclusion.ejections.counters).toEqual({ probes: 1, ejected: 0, spared: 0, returned: 0 })
  expect([...weights().values()]).toEqual([1, 1])
})

test(
  'at most half of the instances are ejected, and an address without an instance is not probed',
  SLOW,
  async () => {
    const { made, controller, servers, weights, report } = await plane(2)
    await using _ = made
    report(await made.host([controller.at]))
    for (const server of servers) await vanish(server)
    servers.forEach(report)
    const { counters } = controller.exclusion.ejections
    await until(() => counters.ejected + counters.spared === 2)
    expect([...weights().values()].sort()).toEqual([0, 1])
  },
)
