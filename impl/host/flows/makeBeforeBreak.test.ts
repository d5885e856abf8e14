/** Data during moves, measured in virtual time: to dead addresses, of both ends, and when an address disappears. */
import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { CAPABILITIES, MAKE_BEFORE_BREAK } from '../../../spec/machines/flow/capabilities.ts'
import { CONNECTION, MIGRATION } from '../../../spec/machines/flow/states.ts'
import { parseAddress } from '../../link/address.ts'
import type { MemoryLink } from '../../link/memory.ts'
import { Stream } from '../../transport/stream/stream.ts'
import { prefixOfId, serviceIdOf } from '../services/serviceId.ts'
import { notices } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'
import type { Flow } from './flow.ts'

const SERVICE = serviceIdOf('acme/download')
const [CLIENT, CLIENT_NEXT, SERVER, SERVER_NEXT] = ['10.0.0.1', '10.0.1.1', '10.0.0.2', '10.0.1.2'].map(
  text => parseAddress(text),
) as [number, number, number, number]
const LATENCY_MS = 20
const TICK_MS = 10
const TICK_BYTES = 5000

/** An end of a connection that writes all the time, and what it has read. */
interface Talker {
  readonly flow: Flow
  readonly stream: Stream
  written: number
  read: number
  /** When it last read something, and the longest time between two reads, ms. */
  lastMs: number
  longestMs: number
}

/** Two hosts with a connection on which both ends write all the time. */
class Conversation {
  readonly hosts = new Hosts(1, LATENCY_MS)
  readonly client = this.hosts.add(['10.0.0.1', '10.0.1.1'])
  readonly server = this.hosts.add(['10.0.0.2', '10.0.1.2'])
  readonly ends: readonly [Talker, Talker]

  constructor(offers = CAPABILITIES) {
    const { hosts, client, server } = this
    server.host.offers = offers
    const accepted: Flow[] = []
    server.host.listen(prefixOfId(SERVICE), {
      queue: 1,
      backlog: 1,
      transport: () => new Stream({ initialSequence: 7, mss: 1400 }),
      onReady: listener => accepted.push(must(server.host.accept(listener))),
    })
    const transport = new Stream({ initialSequence: 5, mss: 1400 })
    const flow = client.host.connect({ service: SERVICE, transport, via: SERVER }, 0)
    hosts.run(10 * LATENCY_MS)
    this.ends = [this.#talker(flow), this.#talker(at(accepted, 0))]
    this.talk(500)
    for (const end of this.ends) end.longestMs = 0
  }

  #talker(flow: Flow): Talker {
    const stream = flow.transport as Stream
    const talker = { flow, stream, written: 0, read: 0, lastMs: this.hosts.now, longestMs: 0 }
    stream.user = {
      onReadable: () => {
        for (let bytes = stream.read(); bytes !== undefined; bytes = stream.read())
          talker.read += bytes.length
        talker.longestMs = Math.max(talker.longestMs, this.hosts.now - talker.lastMs)
        talker.lastMs = this.hosts.now
      },
    }
    return talker
  }

  /** Lets both ends write for some time, or only some. */
  talk(ms: number, ends: readonly Talker[] = this.ends): void {
    const { hosts } = this
    for (const until = hosts.now + ms; hosts.now < until; ) {
      for (const end of ends) {
        end.stream.write(new Uint8Array(TICK_BYTES))
        end.written += TICK_BYTES
      }
      hosts.run(hosts.now + TICK_MS)
    }
  }

  /** Nothing passes that names one of these addresses. */
  kill(...dead: readonly number[]): void {
    this.hosts.pass = ({ from, to }) => !dead.includes(from) && !dead.includes(to)
  }

  move(end: 0 | 1, address: number): string[] {
    const { flow } = this.ends[end]
    const seen = notices(flow)
    this[end === 0 ? 'client' : 'server'].host.migrate(flow, address, this.hosts.now)
    return seen
  }

  /** Expects that all bytes have arrived, once, and that the ends agree on where they are. */
  expectAll(client: number, server: number): void {
    this.hosts.run(this.hosts.now + 20_000)
    const [one, other] = this.ends
    expect([one.read, other.read]).toEqual([other.written, one.written])
    expect([one.flow.local, one.flow.peer]).toEqual([client, server])
    expect([other.flow.local, other.flow.peer]).toEqual([server, client])
    expect([one.flow.migration, other.flow.migration]).toEqual([MIGRATION.INITIAL, MIGRATION.INITIAL])
  }

  /** The longest time in which an end has read nothing, ms. */
  get longestMs(): number {
    return Math.max(...this.ends.map(({ longestMs }) => longestMs))
  }

  get timeouts(): number {
    return this.ends.reduce((sum, { stream }) => sum + stream.statistics.timeouts, 0)
  }

  get repeated(): number {
    return this.ends.reduce((sum, { stream }) => sum + stream.statistics.segmentsRepeated, 0)
  }
}

describe('two ends that make before they break', () => {
  test('send on while either end moves, and repeat nothing but one probe each', () => {
    const talk = new Conversation()
    const seen = talk.move(0, CLIENT_NEXT)
    talk.talk(1000)
    talk.move(1, SERVER_NEXT)
    talk.talk(1000)
    expect(seen).toEqual(['moved', 'peer moved'])
    talk.expectAll(CLIENT_NEXT, SERVER_NEXT)
    expect([talk.longestMs <= 2 * LATENCY_MS, talk.timeouts, talk.repeated <= 4]).toEqual([true, 0, true])
  })

  test.each([
    0, 1,
  ] as const)('send on while end %d moves to a dead address, until that fails after 7 s', end => {
    const talk = new Conversation()
    talk.kill(CLIENT_NEXT, SERVER_NEXT)
    const seen = talk.move(end, end === 0 ? CLIENT_NEXT : SERVER_NEXT)
    talk.talk(6990)
    expect(seen).toEqual([])
    talk.talk(20)
    expect(seen).toEqual(['move failed'])
    talk.talk(1000)
    talk.expectAll(CLIENT, SERVER)
    expect([talk.longestMs <= 2 * LATENCY_MS, talk.timeouts, talk.repeated]).toEqual([true, 0, 0])
  })

  test('close soon although one of them moves to a dead address meanwhile', () => {
    const talk = new Conversation()
    const { hosts, client, server } = talk
    talk.kill(CLIENT_NEXT)
    const seen = talk.move(0, CLIENT_NEXT)
    talk.talk(5000)
    client.host.finish(talk.ends[0].flow, hosts.now)
    server.host.finish(talk.ends[1].flow, hosts.now)
    hosts.run(hosts.now + 8000)
    expect(seen).toEqual(['peer closed', 'move failed'])
    expect(talk.ends.map(({ flow }) => flow.connection)).toEqual([CONNECTION.TIMEWAIT, CONNECTION.TIMEWAIT])
  })

  test('find their way back although the peer has heard of the address that it cannot reach', () => {
    const talk = new Conversation()
    talk.hosts.pass = ({ to }) => to !== CLIENT_NEXT
    talk.move(0, CLIENT_NEXT)
    talk.talk(6000)
    expect(talk.ends[1].flow.migration).toBe(MIGRATION.RSYN_RECV)
    talk.talk(1100)
    talk.expectAll(CLIENT, SERVER)
    expect([talk.longestMs <= 2 * LATENCY_MS, talk.timeouts, talk.repeated]).toEqual([true, 0, 0])
  })

  test('send on while both move at once, and while both moves fail', () => {
    for (const isDead of [false, true]) {
      const talk = new Conversation()
      if (isDead) talk.kill(CLIENT_NEXT, SERVER_NEXT)
      talk.move(0, CLIENT_NEXT)
      talk.move(1, SERVER_NEXT)
      talk.talk(20_000)
      talk.expectAll(isDead ? CLIENT : CLIENT_NEXT, isDead ? SERVER : SERVER_NEXT)
      expect([talk.longestMs <= 3 * LATENCY_MS, talk.timeouts], `dead: ${isDead}`).toEqual([true, 0])
    }
  })

  test('send on while an end moves back before its move is proved', () => {
    const talk = new Conversation()
    talk.kill(CLIENT_NEXT)
    const seen = talk.move(0, CLIENT_NEXT)
    talk.talk(500)
    talk.client.host.migrate(talk.ends[0].flow, CLIENT, talk.hosts.now)
    talk.talk(500)
    expect(seen).toEqual(['moved'])
    talk.expectAll(CLIENT, SERVER)
    expect([talk.longestMs <= 2 * LATENCY_MS, talk.timeouts, talk.repeated]).toEqual([true, 0, 0])
  })

  test('give up going back, if nothing answers there either', () => {
    const talk = new Conversation()
    talk.kill(CLIENT, CLIENT_NEXT)
    const seen = talk.move(0, CLIENT_NEXT)
    talk.hosts.run(talk.hosts.now + 1_500_000)
    expect(seen).toEqual(['move failed', 'move failed'])
    const [{ flow }] = talk.ends
    expect([flow.local, flow.migration, flow.state.owed]).toEqual([CLIENT, MIGRATION.INITIAL, 0])
  })

  test.each([
    'both write',
    'the one that notices only reads',
  ])('are on another path within 1.5 s of the death of theirs, and have lost nothing: %s', who => {
    const talk = new Conversation()
    const writers = who === 'both write' ? talk.ends : talk.ends.slice(1)
    // Until nothing is unacknowledged at an end that has stopped to write.
    talk.talk(500, writers)
    for (const end of talk.ends) end.longestMs = 0
    const { host } = talk.client
    let suspicions = 0
    host.onSilentPath = flow => {
      suspicions++
      host.migrate(flow, CLIENT_NEXT, talk.hosts.now)
    }
    talk.kill(CLIENT)
    talk.talk(5000, writers)
    expect(suspicions).toBe(1)
    talk.expectAll(CLIENT_NEXT, SERVER)
    expect(talk.ends[0].longestMs).toBeLessThan(1500)
  })

  test('freeze only the end whose own address disappears, which does not give up early', () => {
    const talk = new Conversation()
    talk.kill(CLIENT_NEXT)
    const seen = talk.move(0, CLIENT_NEXT)
    talk.talk(500)
    ;(talk.client.link as MemoryLink).remove(CLIENT)
    const [one, other] = talk.ends
    expect([one.flow.maySend, other.flow.maySend]).toEqual([false, true])
    talk.talk(10_000)
    expect([one.flow.migration, seen]).toEqual([MIGRATION.RSYN_SENT, []])
    talk.kill()
    talk.talk(20_000)
    expect(seen).toEqual(['moved'])
    talk.expectAll(CLIENT_NEXT, SERVER)
  })

  test('send again at once when the address returns during the move', () => {
    const talk = new Conversation()
    const link = talk.client.link as MemoryLink
    talk.kill(CLIENT_NEXT)
    talk.move(0, CLIENT_NEXT)
    link.remove(CLIENT)
    talk.talk(500)
    link.add(CLIENT)
    expect(talk.ends[0].flow.maySend).toBe(true)
    talk.talk(20_000)
    talk.expectAll(CLIENT, SERVER)
  })
})

test('with an end that cannot, a move freezes both, and gives up after 15 tries', () => {
  const talk = new Conversation(CAPABILITIES & ~MAKE_BEFORE_BREAK)
  talk.kill(CLIENT_NEXT)
  const seen = talk.move(0, CLIENT_NEXT)
  expect(talk.ends[0].flow.maySend).toBe(false)
  talk.talk(30_000)
  expect([seen, talk.ends[0].flow.migration]).toEqual([[], MIGRATION.RSYN_SENT])
  talk.hosts.run(1_500_000)
  expect(seen).toEqual(['move failed'])
  talk.expectAll(CLIENT, SERVER)
})

test('a move to the other family is rejected with SAL_FAMILY', () => {
  const talk = new Conversation()
  expect(() => talk.move(0, parseAddress('[2001:db8::1]:7'))).toThrow(/^SAL_FAMILY: IPv4 reaches only IPv4/)
})
