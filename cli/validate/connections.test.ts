/** Connections of several flows, each end judged by what it saw. */
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import type { Connection } from '../../impl/host/connections/connection.ts'
import { Keys } from '../../impl/host/connections/keys.ts'
import { hear, say } from '../../impl/host/testing/echo.ts'
import type { Station } from '../../impl/host/testing/hosts.ts'
import { Several } from '../../impl/host/testing/several.ts'
import type { Link } from '../../impl/link/link.ts'
import { captureBlocks, captureHeader } from '../../impl/link/pcapng.ts'
import { ACK, SYN } from '../../spec/machines/flow/packets.ts'
import { judgeCapture } from './capture.ts'

/** A connection, and captures of both hosts from its first packet on. */
class Recorded extends Several {
  readonly #pieces: Map<Station<Link>, Uint8Array[]>
  /** Captures leave out what arrives from now on. */
  isHiding = false

  constructor() {
    const pieces = new Map<Station<Link>, Uint8Array[]>()
    const isHiding = (): boolean => this.isHiding
    let isReady = false
    super({}, 256, (datagram, from, hosts) => {
      for (const station of hosts.stations) {
        const direction = station === from ? 'out' : 'in'
        if (isReady && isHiding() && direction === 'in') continue
        if (direction === 'in' && !station.link.addresses().includes(datagram.to)) continue
        const list = pieces.get(station) ?? [captureHeader()]
        list.push(captureBlocks([datagram], direction, hosts.now))
        pieces.set(station, list)
      }
    })
    this.#pieces = pieces
    isReady = true
  }

  judgement(station: Station<Link>) {
    return judgeCapture('file', Buffer.concat(must(this.#pieces.get(station))), { running: true }).judgement
  }

  /** Advertises, and lets the answer arrive. */
  advertise(station: Station<Link>): void {
    const flow = station === this.client ? this.flow : this.accepted
    station.host.connections.advertise(flow, this.hosts.now)
    this.run()
  }
}

/** A whole life: both ends advertise, a flow joins, both carry data, one is removed, the other closes. */
function live(world: Recorded): void {
  world.advertise(world.client)
  world.advertise(world.server)
  const second = world.join()
  say(second, 'hello')
  world.run()
  const other = must(world.owners.server.flows[0])
  expect(hear(other)).toBe('hello')
  world.client.host.connections.advertise(world.flow, world.hosts.now)
  world.client.host.connections.remove(world.flow, world.hosts.now)
  world.run()
  for (const [{ host }, flow] of [
    [world.client, second],
    [world.server, other],
  ] as const) {
    flow.transport.finish(world.hosts.now)
    host.finish(flow, world.hosts.now)
  }
  world.run(5000)
}

test('both ends of a connection hold', () => {
  const world = new Recorded()
  live(world)
  for (const station of [world.client, world.server]) {
    const { verdict, contradiction, flows, packets } = world.judgement(station)
    expect(contradiction).toBeUndefined()
    expect([verdict, flows, packets.uncertain, packets.strange]).toEqual(['holds', 2, 0, 0])
  }
})

describe('the specification does not explain', () => {
  const wrong = new Keys({ high: 1, low: 2 }, { high: 3, low: 4 })
  const spoil = (connection: Connection, part: string, value: unknown) => Reflect.set(connection, part, value)

  test.each([
    [
      'an advertisement without a proof',
      ACK,
      (world: Recorded) => {
        world.advertise(world.client)
        spoil(world.ends[0], 'keys', wrong)
        world.advertise(world.client)
      },
    ],
    [
      'an echo without a proof',
      ACK,
      (world: Recorded) => {
        world.advertise(world.client)
        spoil(world.ends[1], 'keys', wrong)
        world.advertise(world.client)
      },
    ],
    [
      'an echo of what has not come',
      ACK,
      (world: Recorded) => {
        world.advertise(world.client)
        world.isHiding = true
        world.advertise(world.client)
      },
    ],
    [
      'an advertisement that is older than the last',
      ACK,
      (world: Recorded) => {
        world.advertise(world.client)
        world.advertise(world.client)
        world.ends[0].state.version -= 2
        world.advertise(world.client)
      },
    ],
    [
      'a join without a proof',
      SYN,
      (world: Recorded) => {
        world.advertise(world.client)
        spoil(world.ends[0], 'keys', wrong)
        world.join()
      },
    ],
  ] as const)('%s', (_, kind, act) => {
    const world = new Recorded()
    act(world)
    const { verdict, contradiction } = world.judgement(_.includes('echo') ? world.server : world.client)
    expect([verdict, contradiction?.kind, contradiction?.packet.kind]).toEqual([
      'violated',
      'unexplained',
      kind,
    ])
  })
})
