/** A path disappears, and returns or is replaced. Nothing is sent meanwhile, and nothing waits afterwards. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { Hand, type HandOptions } from './testing/hand.ts'
import { Pipe } from './testing/pipe.ts'
import { brief, timed } from './testing/said.ts'
import { exchange, Reader, Writer } from './testing/transfer.ts'

const FULL = 1000
const RTT_MS = 20
const hand = (options: HandOptions = {}) => new Hand({ roundTripMs: RTT_MS, ...options })
const pastFull = (count: number): number => 1 + count * FULL
const block = (from: number, to: number) => [pastFull(from), pastFull(to)] as const

/** Returns a stream that has sent ten full segments; four more wait for the window. */
const sending = (options: HandOptions = {}): Hand => {
  const peer = hand(options).write(14 * FULL)
  expect(peer.take()).toHaveLength(10)
  return peer
}

describe('frozen', () => {
  test('nothing leaves and no timer is due, however long it lasts', () => {
    const peer = sending()
    peer.stream.freeze()
    expect(peer.stream.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
    peer.stream.expire(1e9)
    expect(peer.wait(1e9)).toEqual([])
    expect(peer.stream.statistics).toMatchObject({ timeouts: 0, timeoutMs: 200 })
  })

  test('segments that arrive are accepted, and acknowledged later', () => {
    const peer = sending()
    peer.stream.freeze()
    peer.say({ size: 100, ack: pastFull(10) }).say({ size: 100 })
    expect([peer.take(), peer.stream.readable]).toEqual([[], 200])
    peer.stream.thaw(peer.nowMs, false)
    expect(peer.take()[0]).toMatchObject({ seq: pastFull(10), ack: 201 })
  })
})

describe('the same path again', () => {
  test('resumes immediately with what it had learned', () => {
    const peer = sending()
    peer.stream.freeze()
    peer.wait(60_000)
    peer.stream.thaw(peer.nowMs, false)
    expect(brief(peer.take())).toEqual([`${pastFull(10)}+${FULL}`])
    peer.say({ ack: pastFull(10), tsecr: RTT_MS })
    expect(peer.stream.statistics).toMatchObject({ timeouts: 0, recoveries: 0, timeoutMs: 200 })
    // The interruption does not count as a round trip.
    expect(peer.stream.statistics.roundTripMs).toBe(RTT_MS)
  })

  test('with nothing new to send, the last segment leaves again', () => {
    const peer = hand().write(3 * FULL)
    peer.take()
    peer.stream.freeze()
    peer.wait(5000)
    peer.stream.thaw(peer.nowMs, false)
    expect(brief(peer.take())).toEqual([`${pastFull(2)}+${FULL}`])
    expect(timed(peer.wait(250), peer.nowMs - 250)).toEqual([`200ms 1+${FULL}`])
  })

  test('with nothing outstanding, sends nothing', () => {
    const peer = hand()
    peer.stream.freeze()
    peer.stream.thaw(peer.nowMs, false)
    expect(peer.wait(1000)).toEqual([])
  })
})

describe('another path', () => {
  test('everything in flight leaves immediately, from the first segment, and the path is measured anew', () => {
    const peer = sending()
    peer.wait(200)
    peer.stream.freeze()
    peer.wait(3000)
    peer.stream.thaw(peer.nowMs, true)
    expect(peer.stream.statistics).toMatchObject({
      roundTripMs: -1,
      timeoutMs: 1000,
      congestionWindow: 10 * FULL,
      slowStartThreshold: Number.POSITIVE_INFINITY,
    })
    const said = brief(peer.take())
    expect(said).toEqual(Array.from({ length: 10 }, (_, i) => `${pastFull(i)}+${FULL}`))
    peer.nowMs += 7
    peer.say({ ack: pastFull(10) })
    expect(peer.stream.statistics.roundTripMs).toBe(7)
  })

  test('SACKed data is not sent again', () => {
    const peer = sending()
    peer.say({ sack: [block(1, 3)] }).say({ sack: [block(5, 6), block(1, 3)] })
    peer.stream.freeze()
    peer.stream.thaw(peer.nowMs, true)
    expect(brief(peer.take()).slice(0, 8)).toEqual(
      [0, 3, 4, 6, 7, 8, 9, 10].map(i => `${pastFull(i)}+${FULL}`),
    )
  })

  test('a late acknowledgment from the old path counts, but measures nothing', () => {
    const peer = sending()
    peer.stream.freeze()
    peer.wait(500)
    peer.stream.thaw(peer.nowMs, true)
    peer.say({ ack: pastFull(10), tsecr: 20 })
    expect(peer.stream.statistics).toMatchObject({ roundTripMs: -1, timeoutMs: 1000 })
    expect(brief(peer.take())[0]).toBe(`${pastFull(10)}+${FULL}`)
  })

  test('with nothing outstanding, the last acknowledgment leaves again, if there was one', () => {
    const peer = hand().say({ size: FULL })
    peer.wait(100)
    peer.stream.freeze()
    peer.stream.thaw(peer.nowMs, true)
    expect(brief(peer.take())).toEqual([`=${pastFull(1)}`])
    const silent = hand()
    silent.stream.freeze()
    silent.stream.thaw(silent.nowMs, true)
    expect(silent.take()).toEqual([])
  })

  test('a closed window is probed immediately', () => {
    const peer = hand({ peerWindow: 0 }).write(FULL)
    peer.wait(10_000)
    peer.stream.freeze()
    peer.stream.thaw(peer.nowMs, true)
    expect(peer.take()).toMatchObject([{ seq: 0, size: 0 }])
  })

  test('a FIN in flight leaves again', () => {
    const peer = hand().write(10)
    peer.stream.finish(0)
    peer.take()
    peer.stream.freeze()
    peer.stream.thaw(peer.nowMs, true)
    expect(brief(peer.take())).toEqual(['1+10F'])
  })

  test('without an interruption and with nothing new to send, losses on the old path show within a round trip', () => {
    const peer = hand().write(4 * FULL)
    peer.take()
    peer.wait(50)
    peer.stream.change(peer.nowMs)
    expect(brief(peer.take())).toEqual([`${pastFull(3)}+${FULL}`])
    peer.wait(RTT_MS)
    peer.say({ sack: [block(3, 4)] })
    expect(brief(peer.take())[0]).toBe(`1+${FULL}`)
    expect(peer.stream.statistics.timeouts).toBe(0)
  })

  test('moves in succession: paths that disappear before anything arrives', () => {
    const peer = sending()
    for (let i = 0; i < 5; i++) {
      peer.stream.freeze()
      peer.wait(300)
      peer.stream.thaw(peer.nowMs, true)
      expect(brief(peer.take())[0]).toBe(`1+${FULL}`)
      peer.wait(10)
    }
    expect(peer.stream.statistics.timeouts).toBe(0)
  })
})

describe('whole transfers', () => {
  test('arrive, however often either end moves', SLOW, () => {
    const move = fc.record({
      waitMs: fc.double({ min: 0.1, max: 300, noNaN: true }),
      downMs: fc.constantFrom(0, 1, 50, 2000),
      fresh: fc.boolean(),
      loses: fc.boolean(),
    })
    const property = fc.property(
      fc.integer(),
      fc.array(move, { maxLength: 8 }),
      fc.boolean(),
      (seed, moves, sack) => {
        const path = { latencyMs: 10, rate: 1e7, queueBytes: 50_000, loss: 0.01, reordering: 0.02 }
        const pipe = new Pipe({ seed, client: { sack }, there: path }).open()
        const ends = [pipe.client, pipe.server] as const
        const readers = ends.map(({ stream }) => new Reader(stream))
        for (const { stream } of ends) new Writer(stream, 200_000).go()
        for (const { waitMs, downMs, fresh, loses } of moves) {
          pipe.run(pipe.nowMs + waitMs)
          for (const { stream, path } of ends) {
            stream.freeze()
            if (loses) path.clear()
          }
          pipe.run(pipe.nowMs + downMs)
          for (const { stream } of ends) stream.thaw(pipe.nowMs, fresh)
        }
        pipe.run()
        for (const [i, { stream }] of ends.entries()) {
          expect(readers[i]).toMatchObject({ count: 200_000, wrong: 0, hasEnded: true })
          expect([stream.finished, stream.peerFinished, stream.buffered]).toEqual([true, true, 0])
          expect(stream.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
        }
      },
    )
    fc.assert(property, { numRuns: 60 })
  })

  test('a move costs one round trip of slow start and no timeout', () => {
    const options = { latencyMs: 10, rate: 1e8, queueBytes: 250_000 }
    const still = exchange(new Pipe({ there: options }).open(), 2_000_000, 0)
    const pipe = new Pipe({ there: options }).open()
    const reader = new Reader(pipe.server.stream)
    new Writer(pipe.client.stream, 2_000_000).go()
    pipe.run(100)
    for (const { stream, path } of [pipe.client, pipe.server]) {
      stream.freeze()
      path.clear()
    }
    for (const { stream } of [pipe.client, pipe.server]) stream.thaw(pipe.nowMs, true)
    expect(pipe.client.flush(pipe.nowMs)).toBeGreaterThan(0)
    const before = reader.count
    pipe.run(pipe.nowMs + 11)
    expect(reader.count).toBeGreaterThan(before)
    pipe.run(1e6, () => pipe.client.stream.finished)
    expect(pipe.client.stream.statistics.timeouts).toBe(0)
    expect(pipe.nowMs).toBeLessThan(2 * still + 150)
  })
})
