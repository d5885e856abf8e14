/** Operators evict instances at a controller, and admit them again. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { listenedPrefixOf, printPrefix } from '../host/services/serviceId.ts'
import { order } from './evictions.ts'
import { Ledger } from './ledger.ts'
import { EVICTED_KEEP_MS, REGISTRATIONS_PER_HOST } from './limits.ts'
import { type InstanceRecord, keyOf } from './records.ts'
import { Registrations } from './registrations.ts'
import { MemoryRegistry } from './registry/memory.ts'
import { hasNats, NatsServer } from './registry/testing/natsServer.ts'
import { ask, type Placed, Plane, serve, until } from './testing/plane.ts'

const WEB = 'acme/web'
const ID = 'ab'.repeat(32)

const record = (version: number): InstanceRecord => ({
  ...{ service: WEB, id: ID, instance: 'instance', state: 'bound', version, address: '127.0.0.1:1' },
  ...{ priority: 100, weight: 1, leaseMs: 1000, owner: '127.0.0.1', expiresMs: 0 },
})
const KEY = keyOf(record(1))

/** An instance of version 1 in a registry that other controllers use too, which stores when the test says so. */
function registered() {
  const said: string[] = []
  const writes: (InstanceRecord | undefined)[] = []
  const all = new Registrations<string>(
    {
      store: (_key, stored) => writes.push(stored),
      renew: () => said.push('renew'),
      confirm: ({ record: { version } }) => said.push(`confirm ${version}`),
      refuse: ({ record: { version } }, code) => said.push(`${code} ${version}`),
      changed: () => {},
    },
    { isShared: true, keepMs: 1000 },
  )
  const register = (version: number, now = 0): void =>
    all.claim({ kind: 'REGISTER', peer: 'host', record: record(version) }, now)
  const order = (type: 'EVICT' | 'ADMIT', now = 0): void =>
    all.order(KEY, type, outcome => said.push(`${type} ${outcome}`), now)
  register(1)
  all.stored(KEY, 1, 0)
  said.length = 0
  return { all, said, writes, register, order }
}

test('an order is carried out when the registry has stored it, and registrations then change nothing', () => {
  const { all, said, writes, register, order } = registered()
  order('EVICT')
  expect([said, all.known.bound(ID).length, at(writes, 1)?.state]).toEqual([[], 1, 'evicted'])
  all.stored(KEY, 2, 0)
  expect([said, all.known.bound(ID), all.known.evicted]).toEqual([['EVICT stored'], [], 1])
  register(1)
  register(2)
  all.stored(KEY, 3, 0)
  expect(said.slice(1)).toEqual(['renew', 'CONTROLLER_EVICTED 1', 'CONTROLLER_EVICTED 2'])
  expect([at(writes, 2), all.known.bound(ID)]).toMatchObject([{ state: 'evicted', version: 2 }, []])
  order('ADMIT')
  all.stored(KEY, 4, 0)
  register(2)
  all.stored(KEY, 5, 0)
  expect([said.slice(4), all.known.bound(ID).length]).toEqual([['ADMIT stored', 'confirm 2'], 1])
})

test('an order waits for other changes of the instance, and fails with the registry', () => {
  const { all, said, register, order } = registered()
  register(2)
  order('EVICT')
  all.stored(KEY, 2, 0)
  order('ADMIT')
  order('EVICT')
  all.failed(KEY, 0)
  order('EVICT')
  all.conflicted(KEY, 0)
  expect(said).toEqual(['EVICT again', 'confirm 2', 'ADMIT none', 'EVICT failed', 'EVICT again'])
  expect([all.known.bound(ID).length, all.known.evicted]).toEqual([1, 0])
})

test('an evicted instance is remembered for a day after its host was last heard, and stored again if lost', () => {
  const { all, said, writes, register, order } = registered()
  order('EVICT')
  all.stored(KEY, 2, 0)
  register(1, 5000)
  said.length = 0
  all.reach(false, 6000)
  all.lose()
  all.reach(true, 6000)
  expect(said).toEqual(['renew'])
  all.poll(6000 + EVICTED_KEEP_MS - 1)
  expect([writes.length, all.known.evicted]).toEqual([2, 1])
  all.poll(6000 + EVICTED_KEEP_MS)
  expect(at(writes, 2)).toBeUndefined()
})

test('a host that has registered as many instances as it may can be evicted', async () => {
  const none = (): void => {}
  const events = { confirm: none, refuse: none, changed: none, ruled: none, trouble: none }
  const ledger = new Ledger<string>(new MemoryRegistry(), events, () => 0, {})
  await ledger.open()
  const id = printPrefix(listenedPrefixOf(WEB))
  for (let i = 0; i < REGISTRATIONS_PER_HOST; i++)
    ledger.claim({ kind: 'REGISTER', peer: '', record: { ...record(1), id, instance: `instance${i}` } })
  const { known } = ledger.registrations
  await until(() => known.count(id) === REGISTRATIONS_PER_HOST)
  expect(await order(ledger, 'EVICT', WEB, '127.0.0.1:1')).toBe(REGISTRATIONS_PER_HOST)
  expect([known.bound(id).length, known.evicted]).toEqual([0, REGISTRATIONS_PER_HOST])
  await ledger.close()
})

/** The address at which a host's first service is registered. */
const addressOf = ({ stack }: Placed): string => at(stack.addresses, 0)

test('an evicted host keeps its connections, learns why it gets no new ones, and returns when admitted', async () => {
  await using plane = new Plane()
  const controller = await plane.controller({ registry: new MemoryRegistry() })
  const [first, second] = [
    await plane.host([controller.at], { leaseMs: 1000 }),
    await plane.host([controller.at]),
  ]
  await serve(first, WEB, 'first')
  await serve(second, WEB, 'second')
  const { keeper } = controller.stack
  const refused = once(first.agent, 'refused')
  expect(await must(keeper).evict(WEB, addressOf(first))).toBe(1)
  expect((await refused)[0]).toMatchObject({ code: 'CONTROLLER_EVICTED', service: WEB })
  const client = await plane.host([controller.at])
  for (let i = 0; i < 8; i++) expect(await ask(client.stack, WEB)).toBe('second')
  expect(controller.list().map(({ out }) => out)).toEqual(expect.arrayContaining(['evicted', undefined]))
  await expect(must(keeper).evict(WEB, addressOf(first))).rejects.toMatchObject({
    code: 'CONTROLLER_INSTANCE',
  })
  const back = once(first.agent, 'registered')
  expect(await must(keeper).admit(WEB, addressOf(first))).toBe(1)
  await back
  expect(controller.list().filter(({ out }) => out === undefined)).toHaveLength(2)
})

test('a host that unregisters an evicted service may register it again', async () => {
  await using plane = new Plane()
  const controller = await plane.controller()
  const host = await plane.host([controller.at], { leaseMs: 1000 })
  const server = await serve(host, WEB, 'hello')
  await must(controller.stack.keeper).evict(WEB, addressOf(host))
  const released = once(host.agent, 'released')
  server.close()
  await released
  expect(controller.list()).toEqual([])
  await serve(host, WEB, 'again')
  const client = await plane.host([controller.at])
  expect(await ask(client.stack, WEB)).toBe('again')
})

if (hasNats())
  test('an eviction at one controller holds at the others, and outlives the one that made it', async () => {
    await using server = await NatsServer.start()
    await using plane = new Plane()
    const first = await plane.controller({ registry: server.registry() })
    const second = await plane.controller({ registry: server.registry() })
    const host = await plane.host([first.at, second.at], { leaseMs: 1000 })
    await serve(host, WEB, 'hello')
    await until(() => second.list().length === 1)
    await must(first.stack.keeper).evict(WEB, addressOf(host))
    await until(() => second.list().every(({ out }) => out === 'evicted'))
    const connected = once(host.agent, 'connected')
    await first.stack.close({ limitMs: 0 })
    await connected
    const [refusal] = await once(host.agent, 'refused')
    expect(refusal).toMatchObject({ code: 'CONTROLLER_EVICTED' })
    const back = once(host.agent, 'registered')
    await must(second.stack.keeper).admit(WEB, addressOf(host))
    await back
    expect(second.list().map(({ out }) => out)).toEqual([undefined])
  })
