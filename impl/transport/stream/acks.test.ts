/** When acknowledgments leave and what they contain. */

import { describe, expect, test } from 'vitest'
import { at } from '../../../checker/text/at.ts'
import { ACK_DELAY_MS, QUICK_ACKS, QUICK_IDLE_MS } from './limits.ts'
import { Hand, type HandOptions } from './testing/hand.ts'
import { brief, timed } from './testing/said.ts'

const FULL = 1000
const hand = (options: HandOptions = {}) => new Hand(options)

/** Returns a stream that has acknowledged QUICK_ACKS bytes immediately, one at a time. */
function settled(): Hand {
  const peer = hand()
  for (let i = 0; i < QUICK_ACKS; i++) expect(brief(peer.say({ size: 1 }).take())).toEqual([`=${2 + i}`])
  return peer
}

describe('delayed acknowledgments (RFC 9293, 3.8.6.3)', () => {
  test('the first segments are acknowledged immediately, later ones after 40 ms', () => {
    const peer = settled()
    const { nowMs } = peer
    peer.say({ size: FULL })
    expect(timed(peer.wait(100), nowMs)).toEqual([`40ms =${1 + QUICK_ACKS + FULL}`])
  })

  test('after idle time the first segments are acknowledged immediately again', () => {
    const peer = settled()
    peer.nowMs += QUICK_IDLE_MS - 1
    expect(peer.say({ size: FULL }).take()).toEqual([])
    peer.wait(QUICK_IDLE_MS)
    for (let i = 0; i < QUICK_ACKS; i++) expect(peer.say({ size: 1 }).take()).toHaveLength(1)
    expect(peer.say({ size: 1 }).take()).toEqual([])
  })

  test('every second segment is acknowledged immediately', () => {
    const peer = settled().say({ size: FULL })
    expect(brief(peer.take())).toEqual([])
    peer.say({ size: FULL })
    expect(brief(peer.take())).toEqual([`=${1 + QUICK_ACKS + 2 * FULL}`])
    expect(peer.stream.nextTimeout()).toBeGreaterThan(peer.nowMs + ACK_DELAY_MS)
  })

  test('outgoing data carries a pending acknowledgment', () => {
    const peer = hand().say({ size: FULL }).write(10)
    expect(peer.take()).toMatchObject([{ seq: 1, size: 10, ack: 1 + FULL }])
    peer.say({ ack: 11 })
    expect(peer.wait(100)).toEqual([])
  })

  test('the end of the stream is acknowledged immediately', () => {
    expect(brief(hand().say({ size: 5, fin: true }).take())).toEqual(['=7'])
  })
})

describe('immediate acknowledgments around a gap (RFC 5681, 4.2)', () => {
  test('for each segment beyond the gap, and for the one that fills it', () => {
    const peer = hand()
    expect(brief(peer.say({ seq: 1001, size: FULL }).take())).toEqual(['=1'])
    expect(brief(peer.say({ seq: 2001, size: FULL }).take())).toEqual(['=1'])
    expect(brief(peer.say({ seq: 1, size: FULL }).take())).toEqual(['=3001'])
  })

  test('for a segment that had already arrived', () => {
    const peer = hand().say({ size: FULL }).say({ size: FULL })
    peer.take()
    expect(brief(peer.say({ seq: 1, size: FULL }).take())).toEqual(['=2001'])
  })
})

describe('selective acknowledgments', () => {
  test('list the newest range first (RFC 2018, 4), three beside timestamps', () => {
    const peer = hand()
    for (const seq of [1001, 3001, 5001, 7001]) peer.say({ seq, size: FULL })
    expect(peer.take()).toMatchObject([
      {
        ack: 1,
        sack: [
          [7001, 8001],
          [5001, 6001],
          [3001, 4001],
        ],
      },
    ])
    peer.say({ seq: 2001, size: FULL })
    expect(at(peer.take(), 0).sack).toEqual([
      [1001, 4001],
      [7001, 8001],
      [5001, 6001],
    ])
  })

  test('have four blocks without timestamps', () => {
    const peer = hand({ peerTimestamps: false })
    for (const seq of [1001, 3001, 5001, 7001, 9001]) peer.say({ seq, size: FULL })
    expect(at(peer.take(), 0).sack.map(([left]) => left)).toEqual([9001, 7001, 5001, 3001])
  })

  test('report a duplicate first, once (RFC 2883, 4)', () => {
    const peer = hand().say({ size: FULL }).say({ size: FULL })
    peer.take()
    peer.say({ seq: 5001, size: FULL }).take()
    peer.say({ seq: 1, size: FULL })
    expect(at(peer.take(), 0).sack).toEqual([
      [1, 1001],
      [5001, 6001],
    ])
    peer.say({ seq: 4001, size: FULL })
    expect(at(peer.take(), 0).sack).toEqual([[4001, 6001]])
  })

  test('report the duplicated part of a segment that overlaps', () => {
    const peer = hand().say({ size: FULL })
    peer.say({ seq: 501, size: FULL })
    expect(peer.take()).toMatchObject([{ ack: 1501, sack: [[501, 1001]] }])
  })

  test('report a duplicate beyond a gap, followed by the block around it (RFC 2883, 4)', () => {
    const peer = hand()
    for (const seq of [1001, 2001, 5001, 7001]) peer.say({ seq, size: FULL })
    peer.take()
    peer.say({ seq: 2001, size: FULL })
    expect(at(peer.take(), 0).sack).toEqual([
      [2001, 3001],
      [1001, 3001],
      [7001, 8001],
    ])
    // This segment overlaps a range beyond the gap; only the overlap is a duplicate.
    peer.say({ seq: 5501, size: FULL })
    expect(at(peer.take(), 0).sack.slice(0, 2)).toEqual([
      [5501, 6001],
      [5001, 6501],
    ])
  })

  test('cover the end of the stream beyond a gap, with bytes before it or alone', () => {
    const peer = hand().say({ seq: 101, size: 100, fin: true })
    expect(at(peer.take(), 0).sack).toEqual([[101, 202]])
    const alone = hand().say({ seq: 101, fin: true })
    expect(at(alone.take(), 0).sack).toEqual([[101, 102]])
    alone.say({ seq: 11, size: 10 })
    expect(at(alone.take(), 0).sack).toEqual([
      [11, 21],
      [101, 102],
    ])
    alone.say({ seq: 101, fin: true })
    expect(at(alone.take(), 0).sack).toEqual([
      [101, 102],
      [101, 102],
      [11, 21],
    ])
    alone.say({ seq: 21, size: 80 }).say({ seq: 1, size: 10 })
    expect(alone.take()).toMatchObject([{ ack: 102, sack: [] }])
  })

  test('are omitted for a peer that did not offer SACK', () => {
    const peer = hand({ peerSack: false }).say({ seq: 1001, size: FULL })
    expect(peer.take()).toMatchObject([{ ack: 1, sack: [] }])
  })

  test('leave before data, whose segments have no room for them', () => {
    const peer = hand().write(FULL).say({ seq: 1001, size: FULL })
    expect(brief(peer.take())).toEqual(['=1', `1+${FULL}`])
  })
})

describe('timestamps (RFC 7323)', () => {
  test('4.3: echoes the latest timestamp of a segment that moved the left edge', () => {
    const peer = hand().say({ size: FULL, tsval: 2000 }).say({ size: FULL, tsval: 2001 })
    // This segment begins after the last acknowledged position, so its timestamp is not echoed.
    expect(at(peer.take(), 0).tsecr).toBe(2000)
    peer.say({ seq: 3001, size: FULL, tsval: 2005 })
    expect(at(peer.take(), 0).tsecr).toBe(2000)
    peer.say({ seq: 2001, size: FULL, tsval: 2009 })
    expect(at(peer.take(), 0).tsecr).toBe(2009)
  })

  test('5.3: an old segment is dropped and acknowledged (PAWS)', () => {
    const peer = hand().say({ size: FULL, tsval: 2000 }).say({ size: FULL, tsval: 2000 })
    peer.take()
    peer.say({ seq: 2001, size: FULL, tsval: 1999 })
    expect(brief(peer.take())).toEqual(['=2001'])
    expect(peer.stream.statistics.wrongTimestamps).toBe(1)
    peer.say({ seq: 2001, size: FULL, tsval: 2000 })
    expect(peer.stream.readable).toBe(3 * FULL)
  })

  test('5.3: tolerates a peer whose clock wraps', () => {
    const peer = hand().say({ size: FULL, tsval: 1000 + 2 ** 31 - 1 })
    peer.say({ size: FULL, tsval: 0xffffffff }).say({ size: FULL, tsval: 2 })
    expect(peer.stream.readable).toBe(3 * FULL)
  })

  test('3.2: once timestamps are agreed on, a segment without one is dropped', () => {
    const peer = hand().say({ size: FULL, withoutTimestamp: true })
    expect(peer.stream.readable).toBe(0)
    expect(peer.stream.statistics.wrongTimestamps).toBe(1)
  })
})
