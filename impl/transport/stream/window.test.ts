/** The peer's window, small segments, and our own window. */

import { describe, expect, test } from 'vitest'
import { must } from '../../../checker/text/at.ts'
import { Hand, type HandOptions } from './testing/hand.ts'
import { brief, timed } from './testing/said.ts'

const FULL = 1000
const RTT_MS = 20
const hand = (options: HandOptions = {}) => new Hand({ roundTripMs: RTT_MS, ...options })

describe('the window of the peer', () => {
  test('is never exceeded', () => {
    const peer = hand({ peerWindow: 2500 }).write(10_000)
    expect(brief(peer.take())).toEqual(['1+1000', '1001+1000'])
    peer.say({ ack: 1001, window: 3000 })
    expect(brief(peer.take())).toEqual(['2001+1000', '3001+1000'])
  })

  test('is scaled as agreed', () => {
    const peer = hand({ peerScale: 3, peerWindow: 0 }).write(10_000).say({ window: 250 })
    expect(peer.take()).toHaveLength(2)
  })

  test('if small, is used in halves or not at all (RFC 9293, 3.8.6.2.1)', () => {
    const peer = hand({ peerWindow: 800 }).write(5000)
    expect(brief(peer.take())).toEqual(['1+800'])
    expect(brief(peer.say({ ack: 801, window: 399 }).take())).toEqual([])
    expect(brief(peer.say({ window: 400 }).take())).toEqual(['801+400'])
  })

  test('if closed, is probed at growing intervals (3.8.6.1)', () => {
    const peer = hand({ peerWindow: 0 }).write(5000)
    const probes = peer.wait(7000)
    expect(timed(probes, RTT_MS)).toEqual([200, 600, 1400, 3000, 6200].map(ms => `${ms}ms =1`))
    // The peer already has this position and answers with its window.
    expect(new Set(probes.map(({ seq }) => seq))).toEqual(new Set([0]))
    expect(peer.stream.statistics).toMatchObject({ windowProbes: 5, timeouts: 0, timeoutMs: 200 })
    expect(brief(peer.say({ window: 60_000 }).take())[0]).toBe('1+1000')
    expect(peer.stream.nextTimeout()).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  test('is probed at least once a minute, however long it stays closed', () => {
    const peer = hand({ peerWindow: 0 }).write(5000)
    const times = peer.wait(3e6).map(({ atMs }) => atMs)
    expect(must(times.at(-1)) - must(times.at(-2))).toBe(60_000)
  })

  test('with little room is sent a small segment after a while', () => {
    const peer = hand({ peerWindow: 5000 }).write(5300)
    peer.take()
    peer.say({ ack: 5001, window: 100 })
    expect(timed(peer.wait(210), RTT_MS)).toEqual(['200ms 5001+100'])
  })

  test('may shrink, which is counted; data beyond it may still be retransmitted', () => {
    const peer = hand({ peerWindow: 5000 }).write(8000)
    expect(peer.take()).toHaveLength(5)
    peer.say({ ack: 1001, window: 0 })
    expect(peer.stream.statistics.shrunkWindows).toBe(1)
    expect(brief(peer.wait(2000))[0]).toBe('4001+1000')
    peer.say({ ack: 5001, window: 5000 })
    expect(brief(peer.take())).toEqual(['5001+1000', '6001+1000', '7001+1000'])
  })

  test('is not changed by an older segment (3.10.7.4)', () => {
    const peer = hand().write(500).say({ size: 10, ack: 1, window: 5000 })
    peer.take()
    peer.say({ ack: 501, window: 7000 }).say({ seq: 1, ack: 1, window: 9 })
    expect(peer.stream.statistics.peerWindow).toBe(7000)
  })

  test('may shrink without a new acknowledgment (3.10.7.4)', () => {
    const peer = hand().write(500)
    peer.take()
    peer.say({ ack: 501, window: 7000 }).say({ window: 0 })
    expect(peer.stream.statistics).toMatchObject({ peerWindow: 0, shrunkWindows: 2 })
    expect(peer.write(500).take()).toEqual([])
    expect(brief(peer.say({ window: 7000 }).take())).toEqual(['501+500'])
  })

  test('holds back the FIN as well', () => {
    const peer = hand({ peerWindow: 500 }).write(500)
    peer.stream.finish(0)
    expect(brief(peer.take())).toEqual(['1+500'])
    peer.say({ ack: 501, window: 0 })
    expect(peer.take()).toEqual([])
    expect(brief(peer.say({ window: 1 }).take())).toEqual(['501+0F'])
  })
})

describe('small segments (RFC 9293, 3.7.4)', () => {
  test('one may be in flight', () => {
    const peer = hand().write(100)
    expect(brief(peer.take())).toEqual(['1+100'])
    peer.write(100).write(100)
    expect(peer.take()).toEqual([])
    peer.say({ ack: 101 })
    expect(brief(peer.take())).toEqual(['101+200'])
  })

  test('the rest of a large write does not wait for the full segments', () => {
    expect(brief(hand().write(2500).take())).toEqual(['1+1000', '1001+1000', '2001+500'])
  })

  test('all leave immediately with noDelay, also if it is set later', () => {
    const peer = hand({ noDelay: true }).write(100)
    peer.take()
    expect(brief(peer.write(100).take())).toEqual(['101+100'])
    const later = hand().write(100)
    later.take()
    later.write(100)
    later.stream.noDelay = true
    expect(brief(later.take())).toEqual(['101+100'])
  })

  test('the FIN carries waiting bytes', () => {
    const peer = hand().write(100)
    peer.take()
    peer.write(100).stream.finish(0)
    expect(brief(peer.take())).toEqual(['101+100F'])
  })

  test('are pushed when nothing follows', () => {
    expect(
      hand()
        .write(2500)
        .take()
        .map(({ psh }) => psh),
    ).toEqual([false, false, true])
  })
})

describe('our window', () => {
  const options = { firstWindow: 4000, mostWindow: 4000 }

  test('is the free room, and updates are sent when it opens', () => {
    const peer = hand(options)
    const works: number[] = []
    peer.stream.driver = { isCrowded: false, wake: () => works.push(peer.nowMs) }
    for (let i = 0; i < 4; i++) peer.say({ size: FULL })
    expect(peer.take().at(-1)).toMatchObject({ ack: 4001, window: 0 })
    peer.stream.read(900)
    expect([works.length, peer.take()]).toEqual([0, []])
    peer.stream.read(2000)
    expect(works).toHaveLength(1)
    expect(peer.take()).toMatchObject([{ ack: 4001, window: 2900 }])
  })

  test('drops data beyond it', () => {
    const peer = hand(options)
    peer.say({ seq: 3501, size: FULL }).say({ seq: 9001, size: 10 })
    expect(peer.take()).toMatchObject([{ sack: [[3501, 4001]] }])
    expect(peer.stream.statistics.outOfWindow).toBe(1)
    for (let seq = 1; seq < 6000; seq += FULL) peer.say({ seq, size: FULL })
    expect(peer.stream.readable).toBe(4000)
  })

  test('if closed, answers probes with and without data, at a limited rate', () => {
    const peer = hand(options)
    for (let i = 0; i < 4; i++) peer.say({ size: FULL })
    peer.take()
    peer.say({ seq: 4001, size: 1 })
    expect(brief(peer.take())).toEqual(['=4001'])
    peer.seq = 4001
    peer.say({ seq: 4000 })
    expect(brief(peer.take())).toEqual(['=4001'])
    peer.say({ seq: 4000 })
    expect(peer.take()).toEqual([])
    peer.nowMs += 100
    expect(brief(peer.say({ seq: 4000 }).take())).toEqual(['=4001'])
  })

  test('accepts the end of the stream when it is closed', () => {
    const peer = hand(options)
    for (let i = 0; i < 4; i++) peer.say({ size: FULL })
    peer.say({ fin: true })
    expect(brief(peer.take())).toEqual(['=4002'])
    peer.stream.confirmEnd(peer.nowMs)
    peer.stream.read(1000)
    expect(peer.stream.peerFinished).toBe(false)
    while (peer.stream.read()) expect(peer.stream.peerFinished).toBe(peer.stream.readable === 0)
    expect(peer.stream.peerFinished).toBe(true)
  })
})

describe('the application', () => {
  test('gets false above the high-water mark, and a callback when there is room', () => {
    const peer = hand({ highWater: 20_000 })
    const drains: number[] = []
    peer.stream.user = { onDrain: () => drains.push(peer.stream.bufferedToSend) }
    expect(peer.stream.write(new Uint8Array(20_000))).toBe(true)
    expect(peer.stream.write(new Uint8Array(1))).toBe(false)
    // Ten segments leave, and half of the mark remains.
    expect(peer.take()).toHaveLength(10)
    expect(drains).toEqual([])
    peer.say({ ack: 2001 })
    peer.take()
    expect(drains).toHaveLength(1)
    expect(peer.stream.write(new Uint8Array(1))).toBe(true)
  })

  test('can write in that callback; the bytes leave in the same turn', () => {
    const peer = hand({ highWater: 500, noDelay: true })
    peer.stream.user = { onDrain: () => peer.stream.write(new Uint8Array(300)) }
    peer.stream.write(new Uint8Array(600))
    expect(brief(peer.take())).toEqual(['1+600', '601+300'])
  })

  test('may not write after finish', () => {
    const { stream } = hand()
    stream.finish(0)
    expect(() => stream.write(new Uint8Array(1))).toThrow('STREAM_FINISHED')
  })
})
