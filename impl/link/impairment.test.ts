import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { faults } from './faults.ts'
import { MAX_HELD } from './impairment.ts'
import type { Datagram } from './link.ts'
import { Network } from './memory.ts'
import {
  A,
  type Arrival,
  B,
  isSorted,
  never,
  number,
  numbered,
  optionsOf,
  run,
  scene,
} from './testing/faultyScene.ts'
import { seeded } from './testing/seeded.ts'

describe('exact counts', () => {
  test('match for one seed', () => {
    const options = { loss: 0.1, duplication: 0.05, corruption: 0.02, reordering: 0.1, reorderMs: 5 }
    expect(run(options, 1, 10_000).counters).toEqual({
      offered: 10_000,
      cut: 0,
      lost: 1002,
      duplicated: 438,
      corrupted: 200,
      reordered: 914,
      queueFull: 0,
      passed: 9436,
    })
  })

  test('each share is met within the bounds of chance', () => {
    const { counters } = run(
      { loss: 0.1, duplication: 0.05, corruption: 0.02, reordering: 0.1, reorderMs: 5 },
      7,
      20_000,
    )
    const near = (count: number, expected: number) => {
      // Four standard deviations of a binomial distribution.
      expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected))
    }
    near(counters.lost, 2000)
    near(counters.duplicated, 18_000 * 0.05)
    near(counters.corrupted, 18_900 * 0.02)
    near(counters.reordered, 1890)
  })

  test('every datagram is accounted for', () => {
    fc.assert(
      fc.property(optionsOf, fc.integer(), (options, seed) => {
        const { arrivals, counters } = run(options, seed, 100)
        const { offered, cut, lost, duplicated, queueFull, passed } = counters
        expect([offered, cut]).toEqual([100, 0])
        expect(passed).toBe(offered - lost + duplicated - queueFull)
        expect(arrivals).toHaveLength(passed)
      }),
    )
  })

  test('shares of zero and one are exact', () => {
    expect(run({ loss: 1 }, 1, 50).arrivals).toEqual([])
    const twice = run({ duplication: 1 }, 1, 50)
    expect(twice.arrivals.map(number)).toEqual(Array.from({ length: 100 }, (_, i) => i >> 1))
  })
})

describe('the same seed', () => {
  test('gives the same run to the byte; another seed gives another run', () => {
    fc.assert(
      fc.property(optionsOf, fc.integer(), (options, seed) => {
        const [one, other] = [run(options, seed, 60), run(options, seed, 60)]
        expect(other.arrivals).toEqual(one.arrivals)
        expect(other.counters).toEqual(one.counters)
      }),
    )
    const lost = (seed: number) => run({ loss: 0.5 }, seed, 200).arrivals.map(number)
    expect(lost(1)).not.toEqual(lost(2))
  })
})

describe('order', () => {
  test('is preserved under any delay, jitter, rate, loss and duplication', () => {
    fc.assert(
      fc.property(optionsOf, fc.integer(), (options, seed) => {
        const { arrivals } = run({ ...options, reordering: 0, corruption: 0 }, seed, 100)
        expect(isSorted(arrivals.map(number))).toBe(true)
      }),
    )
  })

  test('is preserved when the delay drops to none', () => {
    const { network, faulty, arrivals } = scene({ send: { delayMs: 10 } }, never)
    faulty.send([numbered(0)])
    // Runs at 10, before the held datagrams that are due then.
    network.at(10, () => {})
    network.advance(5)
    faulty.set({})
    faulty.send([numbered(1)])
    network.advance(100)
    expect(arrivals.map(number)).toEqual([0, 1])
  })

  test('held datagrams that are due leave before new ones', () => {
    const network = new Network({ latencyMs: () => 1 })
    const order: number[] = []
    const faulty = faults(network.attach([A]), { send: { delayMs: 10 } }, never, network)
    network.attach([B]).receive(batch => order.push(...batch.map(({ bytes }) => at(bytes, 3))))
    network.at(10, () => {
      faulty.set({})
      faulty.send([numbered(1)])
    })
    faulty.send([numbered(0)])
    network.advance(100)
    expect(order).toEqual([0, 1])
  })

  test('changes only by reordering: later datagrams overtake those held back', () => {
    const { arrivals, counters } = run({ reordering: 0.2, reorderMs: 5 }, 3, 500)
    const numbers = arrivals.map(number)
    expect(isSorted(numbers)).toBe(false)
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i))
    const late = arrivals.filter(arrival => arrival.timeMs - number(arrival) > 5)
    expect(late).toHaveLength(counters.reordered)
  })
})

describe('bytes', () => {
  test('a corrupted datagram has one flipped bit anywhere; all others have none', () => {
    const { arrivals, counters } = run({ corruption: 0.5, duplication: 0.5 }, 5, 1000)
    // Corruption also hits the numbers, so compare by position: order is preserved here.
    const bits = (byte: number) => byte.toString(2).replaceAll('0', '').length
    const places = new Set<number>()
    const flips = (arrival: Arrival) => {
      const sent = numbered(Math.round(arrival.timeMs) - 1).bytes
      arrival.bytes.forEach((byte, i) => {
        if (byte !== sent[i]) places.add(i * 8 + Math.log2(byte ^ at(sent, i)))
      })
      return arrival.bytes.reduce((sum, byte, i) => sum + bits(byte ^ at(sent, i)), 0)
    }
    const counts = arrivals.map(flips)
    expect(new Set(counts)).toEqual(new Set([0, 1]))
    expect(counts.filter(count => count === 1)).toHaveLength(counters.corrupted)
    expect(counters.corrupted).toBeGreaterThan(600)
    expect(places.size).toBe(64)
  })

  test('duplicates do not share their bytes', () => {
    const { arrivals } = run({ duplication: 1 }, 1, 1)
    at(arrivals, 0).bytes.fill(255)
    expect(number(at(arrivals, 1))).toBe(0)
  })

  test('an empty datagram cannot be corrupted', () => {
    const { network, faulty, arrivals } = scene({ send: { corruption: 1 } }, seeded(1))
    faulty.send([{ from: A, to: B, bytes: new Uint8Array(0) }])
    network.advance(5)
    expect([arrivals.length, faulty.sending.corrupted]).toEqual([1, 0])
  })
})

describe('time', () => {
  test('the rate spaces datagrams', () => {
    const { network, faulty, arrivals } = scene({ send: { bytesPerSecond: 1000 } }, never)
    faulty.send([0, 1, 2].map(i => numbered(i, 100)))
    network.advance(150)
    faulty.send([numbered(3, 100)])
    network.advance(1000)
    expect(arrivals.map(({ timeMs }) => timeMs)).toEqual([101, 201, 301, 401])
  })

  test('a full queue drops datagrams; the one being sent counts', () => {
    const { network, faulty, arrivals } = scene({ send: { bytesPerSecond: 1000, queueBytes: 250 } }, never)
    faulty.send(Array.from({ length: 10 }, (_, i) => numbered(i, 100)))
    network.advance(1000)
    expect([arrivals.map(number), faulty.sending.queueFull]).toEqual([[0, 1], 8])
  })

  test('a datagram that finds the line free needs no queue', () => {
    const { network, faulty, arrivals } = scene({ send: { bytesPerSecond: 1000, queueBytes: 0 } }, never)
    faulty.send([0, 1].map(i => numbered(i, 100)))
    network.advance(100)
    faulty.send([numbered(2, 100)])
    network.advance(1000)
    expect([arrivals.map(number), faulty.sending.queueFull]).toEqual([[0, 2], 1])
  })

  test('each datagram waits for the delay plus at most the jitter', () => {
    const { arrivals } = run({ delayMs: 20, jitterMs: 0.9 }, 2, 300)
    const waits = arrivals.map(arrival => arrival.timeMs - number(arrival) - 1)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(20)
    expect(Math.max(...waits)).toBeLessThan(20.9)
    expect(new Set(waits).size).toBeGreaterThan(250)
  })

  test('the number of held datagrams is limited', () => {
    const { network, faulty, arrivals } = scene({ send: { delayMs: 10 } }, never)
    const datagram = numbered(1, 4)
    for (let i = 0; i < 2; i++) faulty.send(Array<Datagram>(MAX_HELD - 100).fill(datagram))
    expect(faulty.sending.queueFull).toBe(MAX_HELD - 200)
    network.advance(100)
    faulty.send([datagram])
    network.advance(200)
    expect(arrivals).toHaveLength(MAX_HELD + 1)
  })
})
