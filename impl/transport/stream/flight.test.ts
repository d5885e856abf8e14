/** The state of a flight exists as long as it must, and no longer, because most streams are idle (bench/idle.ts). */

import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { newSegment, type Segment } from '../../../spec/wire/segment.ts'
import { NOTHING } from './flight.ts'
import { settingsOf } from './options.ts'
import { Outbound } from './outbound.ts'
import type { SendBuffer } from './sendBuffer.ts'
import { Counters } from './statistics.ts'
import { Timestamps } from './timestamps.ts'

const ORIGIN = 1000
const MSS = 500

const segment = (given: Partial<Segment>): Segment =>
  Object.assign(newSegment(), { window: 60_000, ...given })

function opened(sackPermitted = 1): Outbound {
  const settings = settingsOf({ initialSequence: ORIGIN, mss: MSS, noDelay: true })
  const outbound = new Outbound(settings, new Timestamps(0), new Counters())
  outbound.open(segment({ windowScale: 0, sackPermitted }), MSS, 0)
  outbound.una = outbound.next = 1
  return outbound
}

const write = (outbound: Outbound, size: number): void =>
  (outbound.buffer as SendBuffer).write(new Uint8Array(size))

function send(outbound: Outbound, segments: number, nowMs: number): void {
  for (let i = 0; i < segments; i++) {
    write(outbound, MSS)
    outbound.choose(MSS, nowMs)
  }
}

const acknowledge = (outbound: Outbound, segments: number, nowMs: number, blocks: number[] = []): boolean => {
  const one = segment({ ack: ORIGIN + 1 + segments * MSS, sackCount: blocks.length })
  blocks.forEach((block, i) => {
    one.sackLeft[i] = ORIGIN + 1 + block * MSS
    one.sackRight[i] = ORIGIN + 1 + (block + 1) * MSS
  })
  return outbound.acknowledge(one, 1, 1 + segments * MSS, true, nowMs)
}

describe('an idle stream', () => {
  test('has no flight at first, and needs none', () => {
    const outbound = opened()
    expect([outbound.choose(MSS, 0), outbound.flight]).toEqual([NOTHING, undefined])
    expect([acknowledge(outbound, 0, 1), outbound.flight]).toEqual([false, undefined])
  })

  test('frees its flight when everything is acknowledged', () => {
    const outbound = opened()
    send(outbound, 3, 0)
    acknowledge(outbound, 2, 20)
    expect(must(outbound.flight).segments.count).toBe(1)
    acknowledge(outbound, 3, 21)
    expect([outbound.flight, outbound.una, outbound.roundTrip.leastMs]).toEqual([undefined, 3 * MSS + 1, 20])
  })

  test('keeps its flight while data waits or the window is probed', () => {
    const outbound = opened()
    send(outbound, 1, 0)
    write(outbound, 10)
    acknowledge(outbound, 1, 20)
    expect(outbound.flight).toBeDefined()
    const asking = opened()
    asking.fly().timers.mustProbeWindow = true
    acknowledge(asking, 0, 20)
    expect(asking.flight).toBeDefined()
  })

  test('keeps its flight if a new one would know less: after reordering, or without SACK', () => {
    const outbound = opened()
    send(outbound, 3, 0)
    acknowledge(outbound, 0, 20, [2])
    acknowledge(outbound, 0, 20, [1])
    acknowledge(outbound, 3, 21)
    expect(must(outbound.flight).rack.hasReordering).toBe(true)
    const plain = opened(0)
    send(plain, 1, 0)
    acknowledge(plain, 1, 20)
    expect(plain.flight).toBeDefined()
  })

  test('still learns of duplicates', () => {
    const outbound = opened()
    send(outbound, 1, 0)
    acknowledge(outbound, 1, 20)
    acknowledge(outbound, 1, 30, [0])
    expect([outbound.counters.all.duplicatesReported, outbound.flight]).toEqual([1, undefined])
  })
})
