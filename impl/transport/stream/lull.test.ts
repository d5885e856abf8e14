/** A receiver notices that its peer has fallen silent in the middle of sending, although it owes nothing itself. */
import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { LULL_MS, LULL_PROBES, QUICK_ACKS } from './limits.ts'
import { Hand } from './testing/hand.ts'
import { brief, timed } from './testing/said.ts'

const FULL = 1000
const RTO_MS = 200

/** A stream that has received `count` segments in a row, and has acknowledged them. */
function receiving(count: number, roundTripMs = 20): Hand {
  const peer = new Hand({ roundTripMs })
  for (let i = 0; i < count; i++) peer.say({ size: FULL })
  peer.take()
  return peer
}

describe('after a run of segments', () => {
  test('a silent peer is probed once, and not again when it answers', () => {
    const peer = receiving(QUICK_ACKS)
    expect(timed(peer.wait(LULL_MS + RTO_MS - 1), peer.nowMs - LULL_MS - RTO_MS + 1)).toEqual([
      `${LULL_MS}ms =${1 + QUICK_ACKS * FULL}`,
    ])
    expect(peer.stream.timeouts).toBe(1)
    peer.say()
    expect(peer.stream.timeouts).toBe(0)
    expect([peer.wait(1e9), peer.stream.nextTimeout()]).toEqual([[], Infinity])
  })

  test('the next run is watched again', () => {
    const peer = receiving(QUICK_ACKS)
    for (let i = 0; i < 3; i++) {
      expect(peer.wait(LULL_MS)).toHaveLength(1)
      peer.say()
      peer.wait(10_000)
      for (let i = 0; i < QUICK_ACKS; i++) peer.say({ size: FULL })
      peer.take()
    }
    expect(peer.stream.statistics.windowProbes).toBe(3)
  })

  test('a silence of the path counts like timeouts, and the probes end', () => {
    const peer = receiving(QUICK_ACKS)
    const startMs = peer.nowMs
    const probes = peer.wait(1e9).map(({ atMs }) => atMs - startMs)
    expect(probes).toEqual(Array.from({ length: LULL_PROBES }, (_, i) => LULL_MS + RTO_MS * (2 ** i - 1)))
    expect(must(probes.at(-1))).toBeGreaterThan(50_000)
    expect([peer.stream.timeouts, peer.stream.nextTimeout()]).toEqual([0, Infinity])
  })

  test('nothing is probed while segments keep arriving, or after the end', () => {
    const peer = receiving(QUICK_ACKS)
    for (let i = 0; i < 30; i++) {
      peer.wait(LULL_MS - 10)
      peer.say({ size: FULL })
    }
    peer.say({ size: FULL, fin: true })
    peer.wait(10_000)
    expect(peer.stream.statistics.windowProbes).toBe(0)
  })

  test('a long path has time for a retransmission', () => {
    const peer = receiving(QUICK_ACKS, 800)
    expect(peer.wait(2 * 800)).toEqual([])
    expect(peer.wait(2 * 800)).toHaveLength(1)
  })
})

test('after fewer segments, a silence means nothing', () => {
  const peer = receiving(QUICK_ACKS - 1)
  expect(brief(peer.wait(1e9))).toEqual([])
})
