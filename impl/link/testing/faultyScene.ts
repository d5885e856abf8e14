/** One host sends through faults to another, in virtual time. */

import * as fc from 'fast-check'
import { at } from '../../../checker/text/at.ts'
import { fromIPv4 } from '../address.ts'
import { type Faults, type FaultyLink, faults } from '../faults.ts'
import type { FaultCounters, FaultOptions } from '../impairment.ts'
import type { Datagram } from '../link.ts'
import { Network } from '../memory.ts'
import { seeded } from './seeded.ts'

/** The random source of tests that must not draw. */
export const never = (): number => {
  throw new Error('a random number was drawn')
}

export const [A, B] = [fromIPv4(1, 9), fromIPv4(2, 9)]
/** Long enough for a 32-bit number that identifies the datagram. */
export const numbered = (i: number, length = 8): Datagram => {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, i)
  return { from: A, to: B, bytes }
}

export interface Arrival {
  readonly timeMs: number
  readonly bytes: Uint8Array
}
export const number = ({ bytes }: Arrival): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)

export interface Scene {
  readonly network: Network
  readonly faulty: FaultyLink
  readonly arrivals: Arrival[]
}

/** A sends through faults, B receives. */
export function scene(options: Faults, random: () => number, latencyMs = 1): Scene {
  const network = new Network({ latencyMs: () => latencyMs, mtu: 9000 })
  const faulty = faults(network.attach([A]), options, random, network)
  const arrivals: Arrival[] = []
  network
    .attach([B])
    .receive(batch => arrivals.push(...batch.map(({ bytes }) => ({ timeMs: network.now, bytes }))))
  return { network, faulty, arrivals }
}

/** Sends `count` numbered datagrams, one per millisecond, and runs until all traffic ends. */
export function run(
  send: Partial<FaultOptions>,
  seed: number,
  count: number,
): Scene & { counters: FaultCounters } {
  const made = scene({ send }, seeded(seed))
  for (let i = 0; i < count; i++) {
    made.faulty.send([numbered(i)])
    made.network.advance(made.network.now + 1)
  }
  made.network.advance(1e9)
  return { ...made, counters: made.faulty.sending }
}

export const isSorted = (list: readonly number[]): boolean =>
  list.every((n, i) => i === 0 || at(list, i - 1) <= n)

const share = fc.double({ min: 0, max: 1, noNaN: true })
export const optionsOf = fc.record({
  loss: share,
  duplication: share,
  corruption: share,
  reordering: share,
  reorderMs: fc.double({ min: 0.1, max: 50, noNaN: true }),
  delayMs: fc.double({ min: 0, max: 50, noNaN: true }),
  jitterMs: fc.double({ min: 0, max: 50, noNaN: true }),
  bytesPerSecond: fc.constantFrom(1000, 100_000, Number.POSITIVE_INFINITY),
  queueBytes: fc.constantFrom(0, 20, 1000),
})
