import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { FIN, RST } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { parseAddress } from '../../link/address.ts'
import type { Datagram } from '../../link/link.ts'
import { DatagramTransport } from '../../transport/datagram.ts'
import type { Limits } from '../limits.ts'
import { ECHO, kind, listen } from '../testing/echo.ts'
import { Hosts } from '../testing/hosts.ts'
import type { Flow } from './flow.ts'
import { Resting } from './resting.ts'

function scene(limits: Partial<Limits>) {
  const hosts = new Hosts()
  const client = hosts.add(['10.0.0.1'], limits)
  const server = hosts.add(['10.0.0.2'])
  const { accepted } = listen(server)
  const connect = () =>
    client.host.connect(
      { service: ECHO, transport: new DatagramTransport(), via: parseAddress('10.0.0.2') },
      hosts.now,
    )
  /** Connects, and closes from both ends: the client's flow enters TIME-WAIT. */
  const visit = (): Flow => {
    const flow = connect()
    hosts.run(hosts.now + 50)
    client.host.finish(flow, hosts.now)
    hosts.run(hosts.now + 50)
    server.host.finish(must(accepted.at(-1)), hosts.now)
    hosts.run(hosts.now + 50)
    return flow
  }
  return { hosts, client, server, connect, visit }
}

describe('flows in TIME-WAIT', () => {
  test('do not count towards the limit on flows', () => {
    const { client, visit, connect } = scene({ flows: 2, timeWait: 100 })
    const flows = Array.from({ length: 10 }, visit)
    expect(flows.every(flow => flow.connection === CONNECTION.TIMEWAIT)).toBe(true)
    expect(client.host.flowCount).toBe(10)
    connect()
    connect()
    expect(connect).toThrow('SAL_LIMIT')
  })

  test('yield to newer ones above their limit, oldest first', () => {
    const { client, visit } = scene({ timeWait: 3 })
    const flows = Array.from({ length: 5 }, visit)
    expect(flows.map(flow => flow.isClosed)).toEqual([true, true, false, false, false])
    expect([client.host.flowCount, client.host.counters.evicted]).toEqual([3, 2])
  })

  test('may have a limit of zero', () => {
    const { client, visit } = scene({ timeWait: 0 })
    expect([visit().isClosed, visit().isClosed, client.host.flowCount]).toEqual([true, true, 0])
    // Each slot is freed once.
    const [a, b] = [visit(), visit()]
    expect(a).not.toBe(b)
    expect(client.host.flows()).toEqual([])
  })

  test('that were evicted answer a repeated FIN with a RST, and their flowIDs are not reused (9, 40)', () => {
    const { hosts, client, server, visit } = scene({ timeWait: 1 })
    const fins: Datagram[] = []
    hosts.pass = (one, from) => {
      if (from === server && kind(one) === FIN) fins.push({ ...one, bytes: one.bytes.slice() })
      return true
    }
    const flows = Array.from({ length: 200 }, visit)
    expect(new Set(flows.map(({ id }) => id)).size).toBe(flows.length)
    const answers: number[] = []
    hosts.pass = one => answers.push(kind(one)) > 0
    client.host.receive([must(fins[0])], hosts.now)
    hosts.run(hosts.now + 1)
    expect(answers).toEqual([RST])
  })

  test('end after a minute, and free their places', () => {
    const { hosts, client, visit } = scene({ timeWait: 3 })
    for (let i = 0; i < 2; i++) visit()
    hosts.run(hosts.now + 60_000)
    for (let i = 0; i < 3; i++) visit()
    expect([client.host.flowCount, client.host.counters.evicted]).toEqual([3, 0])
  })
})

prop.prop([fc.array(fc.tuple(fc.nat(40), fc.boolean()))])(
  'the list keeps slots in order of insertion',
  acts => {
    const resting = new Resting()
    const expected: number[] = []
    for (const [slot, comes] of acts) {
      const at = expected.indexOf(slot)
      expect(resting.has(slot)).toBe(at >= 0)
      if (comes && at < 0) {
        resting.add(slot)
        expected.push(slot)
      } else if (!comes) {
        resting.remove(slot)
        if (at >= 0) expected.splice(at, 1)
      }
      expect([resting.oldest, resting.count]).toEqual([expected[0] ?? -1, expected.length])
    }
  },
)
