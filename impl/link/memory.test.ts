import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { type Address, fromIPv4, fromParts, ipOf, parseAddress, printAddress } from './address.ts'
import { Network } from './memory.ts'
import { complies } from './testing/compliance.ts'
import { floodHosts, memoryFixture } from './testing/fixtures.ts'

complies('the memory link', () => memoryFixture())
/** The fixture numbers hosts in the second byte. */
const hostOf = (address: Address): number => (ipOf(address) >>> 16) & 255
complies('the memory link with different latencies', () =>
  memoryFixture(undefined, { mtu: 9000, latencyMs: (from, to) => 1 + hostOf(from) + 3 * hostOf(to) }),
)

const [A, B, C] = [1, 2, 3].map(ip => fromIPv4(ip, 9)) as [number, number, number]
const byte = (from: number, to: number, value: number) => ({ from, to, bytes: Uint8Array.of(value) })

describe('virtual time', () => {
  test('datagrams take their latency, and simultaneous events keep their order', () => {
    const network = new Network({ latencyMs: from => (from === A ? 5 : 2) })
    const log: string[] = []
    const [a, b, c] = [A, B, C].map(address => network.attach([address]))
    must(c).receive(batch => log.push(`${network.now}: ${batch.map(({ bytes }) => bytes[0])}`))
    must(a).send([byte(A, C, 1), byte(A, C, 2)])
    network.at(5, () => log.push('5: first'))
    network.advance(3)
    must(b).send([byte(B, C, 3)])
    network.at(5, () => log.push('5: third'))
    expect([network.now, network.nextEvent(), log]).toEqual([3, 5, []])
    network.advance(4.9)
    expect(log).toEqual([])
    network.advance(10)
    expect(log).toEqual(['5: 1,2', '5: first', '5: 3', '5: third'])
    expect([network.now, network.nextEvent()]).toEqual([10, Number.POSITIVE_INFINITY])
  })

  test('time never goes back, and passes between cause and effect', () => {
    const network = new Network({ latencyMs: () => 0 })
    const a = network.attach([A])
    let bounces = 0
    a.receive(batch => {
      bounces++
      a.send(batch)
    })
    a.send([byte(A, A, 1)])
    network.advance(1)
    expect(bounces).toBeGreaterThan(900)
    expect(bounces).toBeLessThan(1100)
    network.advance(0.5)
    const log: number[] = []
    network.at(0.2, () => log.push(network.now))
    network.advance(1)
    expect(log).toEqual([1])
  })

  test('datagrams on their way to a removed address are lost', () => {
    const network = new Network()
    const [a, b] = [network.attach([A]), network.attach([B])]
    a.send([byte(A, B, 1)])
    b.remove(B)
    network.advance(2)
    expect([network.lost, b.counters.received, a.counters.sent]).toEqual([1, 0, 1])
  })
})

test('an address belongs to one link, and needs a port', () => {
  const network = new Network()
  const a = network.attach([A])
  expect(() => network.attach([A])).toThrow('LINK_IN_USE')
  expect(() => a.add(fromIPv4(7, 0))).toThrow('LINK_NO_ADDRESS')
  a.remove(A)
  expect(network.attach([A]).addresses()).toEqual([A])
})

test('a closed link accepts no address', async () => {
  const a = new Network().attach([A])
  await a.close()
  expect(() => a.add(B)).toThrow('LINK_CLOSED')
})

test('the address table keeps the addresses of open links', SLOW, () => {
  const network = new Network()
  const mine = parseAddress('[2001:db8::1]:9')
  const link = network.attach([mine])
  floodHosts()
  expect(printAddress(mine)).toBe('[2001:db8::1]:9')
  link.remove(mine)
  floodHosts()
  expect(printAddress(mine)).toBe('[forgotten]:9')
})

test('datagrams that are not sent are counted by reason', async () => {
  const network = new Network({ mtu: 2 })
  const a = network.attach([A])
  const long = { from: A, to: B, bytes: new Uint8Array(3) }
  a.send([byte(A, B, 1), long, byte(B, A, 1), byte(A, 0, 1), byte(A, fromParts('::1', 9), 1), byte(A, A, 1)])
  network.advance(5)
  await a.close()
  a.send([byte(A, B, 1)])
  expect(a.counters).toMatchObject({ sent: 2, sentBytes: 2, tooLong: 1, notLocal: 1, noWay: 2, closed: 1 })
  expect(a.counters).toMatchObject({ received: 1, receivedBytes: 1, unheard: 1 })
  expect(network.lost).toBe(1)
})
