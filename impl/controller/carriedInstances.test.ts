/** Instances that are registered at the address of a controller that relays. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { certifiedName, newServiceKey, publicKeyOf, readServiceKey } from '../host/services/certificate.ts'
import { parseAddress } from '../link/address.ts'
import { createServer } from '../sockets/index.ts'
import { ask, Plane, serve, until } from './testing/plane.ts'

const WEB = 'acme/web'

async function carried() {
  const plane = new Plane()
  const controller = await plane.controller({ stack: await plane.stack({ carries: true }) })
  const { at, stack } = controller
  const host = await plane.host([at], {}, { advertise: [at] })
  await serve(host, WEB, 'hello')
  /** The weights of the rules that lead to instances. */
  const weights = () =>
    stack.host.services.rules().flatMap(({ target, weight }) => (target.kind === 'forward' ? [weight] : []))
  return { plane, controller, host, weights, keeper: must(stack.keeper) }
}

test('clients reach the instance through the controller', async () => {
  const { plane, controller } = await carried()
  await using _ = plane
  const client = await plane.host([controller.at])
  expect(await ask(client.stack, WEB)).toBe('hello')
  expect(controller.stack.host.counters.carried).toBeGreaterThan(0)
})

test('an evicted instance gets no flows', async () => {
  const { plane, controller, weights, keeper } = await carried()
  await using _ = plane
  expect(weights()).toEqual([1])
  await keeper.evict(WEB, controller.at)
  expect(weights()).toEqual([])
})

test('the instance has the weight that its host gives it, or an operator', async () => {
  const { plane, controller, host, weights, keeper } = await carried()
  await using _ = plane
  host.agent.weigh(7)
  await until(() => weights()[0] === 7)
  await keeper.add(WEB, { kind: 'forward', address: parseAddress(controller.at) }, { weight: 3 })
  expect(weights()).toEqual([3])
})

test('a controller that is no relay refuses it, also with the key of its name', async () => {
  await using plane = new Plane()
  const { at } = await plane.controller()
  const key = readServiceKey(newServiceKey())
  const { stack, agent } = await plane.host([at], { key }, { advertise: [at] })
  for (const name of [WEB, certifiedName(WEB, publicKeyOf(key))]) {
    const refused = once(agent, 'refused')
    createServer({ stack }).listen(name)
    expect((await refused)[0]).toMatchObject({
      code: 'CONTROLLER_ADDRESS',
      message: expect.stringContaining('no relay'),
    })
  }
})

test('the instance is forgotten when its host leaves', async () => {
  const { plane, host, weights } = await carried()
  await using _ = plane
  await host.agent.close()
  await until(() => weights().length === 0)
  expect(weights()).toEqual([])
})
