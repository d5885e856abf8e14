/** Joins that are lost or refused are tried again elsewhere and later, a bounded number of times. In virtual time, over real hosts. */
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import * as notice from '../../spec/machines/flow/notices.ts'
import { SYN } from '../../spec/machines/flow/packets.ts'
import { kind } from '../host/testing/echo.ts'
import { CLIENT_NEXT, SERVER_NEXT, Several } from '../host/testing/several.ts'
import { parseAddress, printAddress } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import type { DatagramTransport } from '../transport/datagram.ts'
import { FlowKeeper } from './flowKeeper.ts'
import type { FlowPolicy } from './flowPolicy.ts'
import { FlowSet } from './flowSet.ts'

const SECOND_MS = 1000

/** A client with a policy, whose timers run in virtual time. `more`: further addresses of the server. */
class Policy {
  readonly several = new Several()
  readonly #timers = new Map<() => void, number>()
  readonly #set: FlowSet
  readonly #keeper: FlowKeeper
  /** When each SYN left, and between which addresses. */
  readonly syns: { readonly at: number; readonly pair: string }[] = []
  dead: readonly Address[] = []
  readonly #begunAt: number

  constructor(policy: FlowPolicy, more: readonly string[] = []) {
    const { several } = this
    const { flow, hosts, client, server } = several
    const transport = flow.transport as DatagramTransport
    this.#set = new FlowSet(flow, transport, () => transport.join())
    client.host.ownerOf = () => this.#set
    for (const text of more) server.link.add?.(parseAddress(text))
    const driver = {
      ...{ host: client.host, now: () => hosts.now, kick: () => {} },
      later: (ms: number, run: () => void) => {
        this.#timers.set(run, hosts.now + ms)
        return () => void this.#timers.delete(run)
      },
    }
    this.#keeper = new FlowKeeper({ driver, flow, isOver: false, set: this.#set }, policy)
    this.#begunAt = hosts.now
    hosts.pass = packet => {
      const { from, to } = packet
      if (kind(packet) === SYN) this.syns.push({ at: hosts.now - this.#begunAt, pair: pairOf(from, to) })
      return !this.dead.includes(from) && !this.dead.includes(to)
    }
    several.server.host.connections.advertise(several.accepted, hosts.now)
    several.run(100)
    this.#keeper.begin()
  }

  /** Lets this time pass in steps of 100 ms, as the socket does: it hears of changes, and its timers run. */
  run(ms: number): void {
    const { hosts } = this.several
    for (const until = hosts.now + ms; hosts.now < until; ) {
      this.several.run(100)
      const [changes, isNews] = [this.#set.takeChanges(), this.#set.takeNews()]
      if (isNews || changes.length > 0) this.#keeper.heed(changes)
      for (const [due, at] of [...this.#timers]) if (at <= hosts.now && this.#timers.delete(due)) due()
    }
  }

  /** A flow ends, and its notice says why. */
  end(pair: string, why: number): void {
    const { client, hosts } = this.several
    const flow = must([...this.#set.flows].find(({ local, peer }) => pairOf(local, peer) === pair))
    this.#set.onNotice(why, flow)
    client.host.connections.end(flow, hosts.now)
  }

  get pairs(): string[] {
    return [...this.#set.flows].map(({ local, peer }) => pairOf(local, peer))
  }

  /** The pairs that were tried, each once, in order. */
  get tried(): string[] {
    return [...new Set(this.syns.map(({ pair }) => pair))]
  }
}

const pairOf = (from: Address, to: Address): string =>
  `${printAddress(from)}>${printAddress(to)}`.replaceAll(/10\.0\.|:\d+/g, '')

const [FIRST, BEST, SAME_TARGET, SAME_SOURCE] = ['0.1>0.2', '1.1>1.2', '1.1>0.2', '0.1>1.2']

describe('a join that gets no answer', () => {
  test('is tried between other addresses, and all covers each of them', () => {
    const policy = new Policy('all')
    const { several } = policy
    const { pass } = several.hosts
    several.hosts.pass = (packet, from) => pass(packet, from) && pairOf(packet.from, packet.to) !== BEST
    policy.run(10 * SECOND_MS)
    expect(policy.pairs.toSorted()).toEqual([FIRST, SAME_SOURCE, SAME_TARGET].toSorted())
  })

  test('is tried again when its path is back, and failover then has the better backup', () => {
    const policy = new Policy('failover')
    policy.dead = [CLIENT_NEXT]
    policy.run(25 * SECOND_MS)
    expect([policy.tried, policy.pairs]).toEqual([
      [BEST, SAME_TARGET, SAME_SOURCE],
      [FIRST, SAME_SOURCE],
    ])
    policy.dead = []
    policy.run(15 * SECOND_MS)
    expect(policy.pairs).toEqual([FIRST, SAME_SOURCE, BEST])
  })

  test('is tried again less and less often while its path stays dead', () => {
    const policy = new Policy('failover')
    policy.dead = [CLIENT_NEXT, SERVER_NEXT]
    policy.run(3600 * SECOND_MS)
    const attempts = policy.syns.filter(
      ({ at, pair }, i) => !policy.syns.slice(0, i).some(one => one.pair === pair && at - one.at < 20_000),
    )
    // All three pairs, and then after 30 s, 1, 2, 4, 8, 16 and 32 minutes.
    expect(attempts.length).toBeLessThanOrEqual(3 * 8)
    expect(attempts.filter(({ pair }) => pair === BEST).length).toBeGreaterThan(4)
    policy.dead = []
    policy.run(3600 * SECOND_MS)
    expect(policy.pairs).toContain(BEST)
  })
})

test.each([
  ['whose path was dead joins again when the path is back', notice.TIMED_OUT, [FIRST, BEST]],
  ['that the peer removed stays away', notice.RESET, [FIRST, SAME_TARGET, SAME_SOURCE]],
])('a backup %s', (_, why, pairs) => {
  const policy = new Policy('failover')
  policy.run(SECOND_MS)
  expect(policy.pairs).toEqual([FIRST, BEST])
  policy.end(BEST, why)
  policy.dead = why === notice.TIMED_OUT ? [CLIENT_NEXT, SERVER_NEXT] : []
  policy.run(20 * SECOND_MS)
  expect(policy.pairs).not.toContain(BEST)
  policy.dead = []
  policy.run(300 * SECOND_MS)
  expect(policy.pairs.filter(pair => pairs.includes(pair))).toEqual(policy.pairs)
  expect(policy.pairs.includes(BEST)).toBe(pairs.includes(BEST))
})

test('a peer that refuses all flows gets few SYNs, at growing distances', () => {
  const more = ['10.0.1.3', '10.0.1.4', '10.0.1.5', '10.0.1.6', '10.0.1.7', '10.0.1.8']
  const policy = new Policy('failover', more)
  policy.several.owners.server.takes = false
  policy.run(SECOND_MS)
  expect(policy.syns.length).toBeLessThanOrEqual(2)
  policy.run(60 * SECOND_MS)
  expect(policy.syns.length).toBeLessThanOrEqual(8)
  expect(policy.tried.length).toBe(policy.syns.length)
  policy.run(1200 * SECOND_MS)
  // Every pair but that of the first flow, once: two addresses of the client, eight of the server.
  expect(policy.syns.length).toBeLessThanOrEqual(15)
  expect(policy.pairs).toEqual([FIRST])
})
