import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { REASONS } from '../../../spec/machines/resolution/reasons.ts'
import { parseAddress } from '../../link/address.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import { Counters } from '../counters.ts'
import type { Seeking } from '../flows/seeker.ts'
import { prefixOfId, serviceIdOf, servicePrefixOf } from '../services/serviceId.ts'
import { ECHO, listen, notices } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'
import { type Delayed, Delays } from './delays.ts'

const LIMITS = { delayed: 6, delayedForOne: 4, asks: 3, askMs: 100 }
const SERVICES = ['a', 'b', 'c'].map(serviceIdOf)

describe('the queue', () => {
  const act = fc.oneof(
    fc.record({
      act: fc.constant('add' as const),
      service: fc.nat(2),
      source: fc.option(fc.nat(3), { nil: undefined }),
    }),
    fc.record({ act: fc.constantFrom('answered' as const, 'unanswered' as const), service: fc.nat(2) }),
    fc.record({ act: fc.constant('lost' as const) }),
    fc.record({ act: fc.constant('wait' as const), ms: fc.nat(400) }),
  )

  test.prop([fc.array(act, { maxLength: 60, size: 'max' })])(
    'keeps its limit, and each thing leaves it once, for one reason',
    acts => {
      const counters = new Counters()
      const delays = new Delays(LIMITS, counters)
      const asked: Uint8Array[] = []
      delays.onMiss = service => asked.push(service)
      const ends: (string | undefined)[] = []
      const waiting = SERVICES.map(() => new Set<number>())
      let now = 0
      let newcomer = 0
      const sources: (number | undefined)[] = []
      const held = (source: number | undefined) =>
        waiting.reduce((sum, ids) => sum + [...ids].filter(id => sources[id] === source).length, 0)
      const add = (service: number, source: number | undefined) => {
        const id = ends.push(undefined) - 1
        sources[id] = source
        const ownBefore = source === undefined ? 0 : held(source)
        const end = (how: string) => {
          expect(ends[id]).toBeUndefined()
          // Nothing is evicted for a source that has more waiting, and this host's own things never are.
          if (how === 'crowded out')
            expect(source === undefined ? 0 : held(source)).toBeGreaterThanOrEqual(newcomer)
          ends[id] = how
          at(waiting, service).delete(id)
        }
        const isOneFull = at(waiting, service).size === LIMITS.delayedForOne
        const isFull = delays.size === LIMITS.delayed || isOneFull
        const those = isOneFull ? [...at(waiting, service)] : waiting.flatMap(ids => [...ids])
        const makesRoom = those.some(one => sources[one] !== undefined && held(sources[one]) >= ownBefore)
        newcomer = source === undefined ? 1 : ownBefore
        const before = asked.length
        if (!isFull || makesRoom) at(waiting, service).add(id)
        delays.add(
          at(SERVICES, service),
          0,
          { source, hasWaited: false, resume: () => end('resumed'), fail: why => end(at(REASONS, why)) },
          now,
        )
        expect(ends[id]).toBe(isFull && !makesRoom ? 'full' : undefined)
        expect(asked.length - before).toBe(ends[id] === undefined && at(waiting, service).size === 1 ? 1 : 0)
      }
      for (const one of acts) {
        if (one.act === 'add') add(one.service, one.source)
        else if (one.act === 'lost') delays.lost(now)
        else if (one.act === 'wait') {
          now += one.ms
          delays.poll(now)
        } else delays[one.act](at(SERVICES, one.service), now)
        if (one.act === 'answered' || one.act === 'unanswered') expect(at(waiting, one.service).size).toBe(0)
        if (one.act === 'lost') expect(delays.size).toBe(0)
        expect(delays.size).toBe(waiting.reduce((sum, { size }) => sum + size, 0))
        expect(delays.nextTimeout() === Infinity).toBe(delays.size === 0)
      }
      // Nothing waits forever (invariant 52).
      delays.poll(now + 100)
      delays.poll(now + 400)
      delays.poll(now + 1200)
      expect([delays.size, delays.services()]).toEqual([0, []])
      expect(ends).not.toContain(undefined)
      expect(counters.delayed + counters.delayFull).toBe(ends.length)
    },
  )

  test('asks again, waiting twice as long each time, and then gives up', () => {
    const delays = new Delays(LIMITS, new Counters())
    const asked: number[] = []
    let now = 0
    delays.onMiss = () => asked.push(now)
    const failed: string[] = []
    delays.add(
      ECHO,
      0,
      {
        source: 1,
        hasWaited: false,
        resume: () => {},
        fail: why => failed.push(`${REASONS[why]} at ${now}`),
      },
      now,
    )
    for (; now <= 2000; now += 10) delays.poll(now)
    expect(asked).toEqual([0, 100, 300])
    expect(failed).toEqual(['no answer at 700'])
  })
})

/** A waiting thing that records its end. */
function waiter(source: number, ends: string[], name: string): Delayed {
  const end = (how: string) => void ends.push(`${name} ${how}`)
  return { source, hasWaited: false, resume: () => end('resumed'), fail: why => end(at(REASONS, why)) }
}

test('during a flood from forged sources, an honest packet can still wait as long as an answer takes', () => {
  const delays = new Delays({ ...LIMITS, delayed: 100, delayedForOne: 4 }, new Counters())
  const ends: string[] = []
  const flood = (count: number, first: number) => {
    for (let i = first; i < first + count; i++)
      delays.add(serviceIdOf(`flood/${i}`), 0, waiter(i, [], 'forged'), 0)
  }
  flood(150, 1000)
  delays.add(ECHO, 0, waiter(1, ends, 'honest'), 0)
  flood(99, 2000)
  expect([delays.size, ends]).toEqual([100, []])
  delays.answered(ECHO, 0)
  expect(ends).toEqual(['honest resumed'])
})

test('one source that fills the queue loses its own places to others, and never theirs', () => {
  const delays = new Delays({ ...LIMITS, delayed: 100, delayedForOne: 4 }, new Counters())
  const ends: string[] = []
  for (const source of [1, 2, 3])
    delays.add(at(SERVICES, source - 1), 0, waiter(source, ends, `of ${source}`), 0)
  for (let i = 0; i < 10_000; i++) delays.add(serviceIdOf(`flood/${i}`), 0, waiter(9, [], 'flood'), 0)
  expect([delays.size, ends]).toEqual([100, []])
})

/** A client, a router whose default rule is to wait, and a server that the router does not know. */
function waiting(limits = {}) {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'])
  const router = hosts.addRouter(['10.0.1.1'], limits)
  const server = hosts.add(['10.0.0.2'])
  const echo = listen(server)
  router.host.services.add(servicePrefixOf('*'), { kind: 'delay' }, 1, 1)
  const asked: Uint8Array[] = []
  router.host.delays.onMiss = service => asked.push(service)
  const ask = (seeking?: Seeking) =>
    client.host.connect(
      { service: ECHO, transport: new DatagramTransport(), via: parseAddress('10.0.1.1'), seeking },
      hosts.now,
    )
  const know = () =>
    router.host.services.add(prefixOfId(ECHO), { kind: 'forward', address: parseAddress('10.0.0.2') }, 1, 1)
  return { hosts, client, router, server, echo, asked, ask, know }
}

describe('a first packet', () => {
  test('waits at a router that asks for its service, and continues when that is known', () => {
    const { hosts, router, echo, asked, ask, know } = waiting()
    const flows = [ask(), ask(), ask()]
    hosts.run(500)
    expect([asked, router.host.delays.size, echo.accepted.length]).toEqual([[ECHO], 3, 0])
    know()
    router.host.delays.answered(ECHO, hosts.now)
    hosts.run(600)
    expect(flows.map(({ connection }) => connection)).toEqual(flows.map(() => CONNECTION.CONNECTED))
    expect(router.host.counters).toMatchObject({ delayed: 3, forwarded: 3, delayedAgain: 0 })
  })

  test('repeated while it waits is recognized', () => {
    const { hosts, router, ask, know } = waiting()
    const flow = ask()
    hosts.run(4000)
    expect([router.host.delays.size, router.host.counters.ignored]).toEqual([1, expect.any(Number)])
    expect(router.host.counters.ignored).toBeGreaterThan(0)
    know()
    router.host.delays.answered(ECHO, hosts.now)
    hosts.run(5000)
    expect(flow.connection).toBe(CONNECTION.CONNECTED)
  })

  test('does not wait at a host that is not a router', () => {
    const { hosts, client, server, asked } = waiting()
    server.host.services.add(servicePrefixOf('*'), { kind: 'delay' }, 1, 1)
    server.host.delays.onMiss = service => asked.push(service)
    const service = serviceIdOf('acme/none')
    const via = at(server.host.addresses, 0)
    client.host.connect({ service, transport: new DatagramTransport(), via }, hosts.now)
    hosts.run(500)
    expect([asked, server.host.delays.size]).toEqual([[], 0])
    expect(server.host.counters).toMatchObject({ delayed: 0, unserved: 1 })
  })

  test('does not wait a second time', () => {
    const { hosts, router, asked, ask } = waiting()
    ask()
    hosts.run(500)
    router.host.delays.answered(ECHO, hosts.now)
    expect(router.host.counters).toMatchObject({ delayed: 1, delayedAgain: 1 })
    expect([router.host.delays.size, asked.length]).toEqual([0, 1])
  })

  test('waits also at the host that will serve it', () => {
    const { hosts, router, ask } = waiting()
    const flow = ask()
    hosts.run(500)
    const { accepted } = listen(router)
    router.host.delays.answered(ECHO, hosts.now)
    hosts.run(600)
    expect([flow.connection, accepted.length]).toEqual([CONNECTION.CONNECTED, 1])
  })

  test('is refused when its service does not exist, and the client hears of it at once', () => {
    const { hosts, router, ask } = waiting()
    const told = notices(ask())
    hosts.run(300)
    expect(router.host.delays.size).toBe(1)
    router.host.delays.unanswered(ECHO, hosts.now)
    hosts.run(330)
    expect(told).toEqual(['refused'])
    expect(router.host.counters).toMatchObject({ purged: 1, unserved: 1 })
  })

  test('repeated as another attempt is recognized as well', () => {
    const { hosts, router, ask } = waiting()
    ask({ choose: () => at(router.host.addresses, 0), attempt: 0 })
    hosts.run(4000)
    expect(router.host.delays.size).toBe(1)
  })

  test.each(['lost', 'nothing'] as const)('is dropped after %s', how => {
    const { hosts, router, asked, ask } = waiting({ asks: 3, askMs: 1000 })
    const told = notices(ask())
    hosts.run(900)
    if (how === 'lost') router.host.delays.lost(hosts.now)
    else hosts.run(7500)
    expect(router.host.counters).toMatchObject({ purged: 1 })
    expect(asked.length).toBe(how === 'nothing' ? 3 : 1)
    expect(told).toEqual([])
  })

  test("of a source with too many waiting evicts that source's oldest, or is refused", () => {
    const { hosts, router, echo, ask, know } = waiting({ delayedForOne: 2 })
    for (let i = 0; i < 5; i++) ask()
    hosts.run(500)
    expect(router.host.counters).toMatchObject({ delayed: 5, crowdedOut: 3, delayFull: 0 })
    expect(router.host.delays.size).toBe(2)
    know()
    router.host.delays.answered(ECHO, hosts.now)
    hosts.run(600)
    expect(echo.accepted.length).toBe(2)
  })
})
