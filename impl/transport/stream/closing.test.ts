/** Both directions end, in any order, and leave nothing behind. */
import { describe, expect, test } from 'vitest'
import { Hand } from './testing/hand.ts'
import { Pipe } from './testing/pipe.ts'
import { brief } from './testing/said.ts'
import { Reader, Writer } from './testing/transfer.ts'

describe('our end', () => {
  test('leaves with the last bytes, and is finished when it is acknowledged', () => {
    const hand = new Hand().write(100)
    let finished = 0
    hand.stream.user = { onFinished: () => finished++ }
    hand.stream.finish(0)
    expect(brief(hand.take())).toEqual(['1+100F'])
    hand.say({ ack: 101 })
    expect([hand.stream.finished, finished]).toEqual([false, 0])
    hand.say({ ack: 102 }).say({ ack: 102 })
    expect([hand.stream.finished, finished, hand.stream.buffered]).toEqual([true, 1, 0])
    expect(hand.stream.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
  })

  test('leaves alone when nothing was written or everything has left', () => {
    const hand = new Hand().write(100)
    hand.take()
    hand.stream.finish(0)
    hand.stream.finish(0)
    expect(brief(hand.take())).toEqual(['101+0F'])
    const silent = new Hand()
    silent.stream.finish(0)
    expect(brief(silent.take())).toEqual(['1+0F'])
  })

  test('is retransmitted until it is acknowledged', () => {
    const hand = new Hand({ peerSack: false })
    hand.stream.finish(0)
    hand.take()
    expect(brief(hand.wait(1500))).toEqual(['1+0F', '1+0F', '1+0F'])
    expect(hand.say({ ack: 2 }).stream.finished).toBe(true)
  })

  test('leaves our receiving side open', () => {
    const hand = new Hand()
    hand.stream.finish(0)
    hand.take()
    hand.say({ ack: 2, size: 100 })
    expect(hand.stream.read()?.length).toBe(100)
  })
})

describe("the peer's end", () => {
  test('is reported once everything before it has been read', () => {
    const hand = new Hand()
    const told: string[] = []
    hand.stream.user = { onReadable: () => told.push('readable'), onEnd: () => told.push('end') }
    hand.say({ seq: 101, size: 50, fin: true })
    expect([told, hand.stream.peerFinished]).toEqual([[], false])
    hand.say({ seq: 1, size: 100 })
    expect([told, hand.stream.peerFinished]).toEqual([['readable'], false])
    hand.stream.read(149)
    expect(told).toEqual(['readable'])
    hand.stream.read()
    expect([told, hand.stream.peerFinished]).toEqual([['readable'], false])
    hand.stream.confirmEnd(hand.nowMs)
    expect([told, hand.stream.peerFinished]).toEqual([['readable', 'end'], true])
  })

  test('counts only once SAL confirms it, because a FIN alone may be forged', () => {
    const hand = new Hand().say({ size: 10, fin: true })
    hand.stream.read()
    hand.nowMs += 3_600_000
    hand.stream.expire(hand.nowMs)
    expect(hand.stream.peerFinished).toBe(false)
    hand.stream.confirmEnd(hand.nowMs)
    expect(hand.stream.peerFinished).toBe(true)
  })

  test('wakes the driver when it is read, however late', () => {
    const hand = new Hand().say({ size: 100, fin: true })
    hand.take()
    hand.stream.confirmEnd(hand.nowMs)
    let woken = 0
    hand.stream.driver = { isCrowded: false, wake: () => woken++ }
    hand.stream.read(99)
    expect([woken, hand.stream.peerFinished]).toEqual([0, false])
    hand.stream.read()
    expect([woken, hand.stream.peerFinished]).toEqual([1, true])
  })

  test('is reported immediately if nothing precedes it', () => {
    const hand = new Hand()
    let ended = 0
    hand.stream.user = { onEnd: () => ended++ }
    hand.say({ fin: true }).say({ seq: 1, fin: true })
    hand.stream.confirmEnd(hand.nowMs)
    expect([ended, hand.stream.peerFinished]).toEqual([1, true])
  })

  test('is acknowledged again when it is retransmitted', () => {
    const hand = new Hand().say({ size: 10, fin: true })
    expect(brief(hand.take())).toEqual(['=12'])
    expect(brief(hand.say({ seq: 1, size: 10, fin: true }).take())).toEqual(['=12'])
    expect(brief(hand.say({ seq: 11, fin: true }).take())).toEqual(['=12'])
  })

  test('cannot lie before bytes that have arrived', () => {
    const early = new Hand().say({ seq: 101, size: 100 }).say({ seq: 51, size: 10, fin: true })
    early.say({ seq: 1, size: 100 })
    expect(early.stream.readable).toBe(200)
    expect(early.stream.statistics.refused).toBe(1)
  })

  test('if forged, does not block later bytes, however few', () => {
    for (const size of [1, 2, 500]) {
      const hand = new Hand().say({ size: 10 })
      hand.stream.read()
      hand.say({ fin: true })
      hand.seq = 11
      hand.say({ size }).say({ size })
      expect(hand.stream.read()).toHaveLength(2 * size)
      hand.say({ fin: true })
      expect(brief(hand.take()).at(-1)).toBe(`=${12 + 2 * size}`)
      hand.stream.confirmEnd(hand.nowMs)
      expect(hand.stream.peerFinished).toBe(true)
    }
  })

  test('if forged beyond a gap, yields to bytes from there and to the true end', () => {
    const hand = new Hand().say({ seq: 101, fin: true })
    for (let i = 0; i < 4; i++) hand.say({ seq: 1 + 50 * i, size: 50 })
    expect(hand.stream.readable).toBe(200)
    const farther = new Hand().say({ seq: 901, fin: true })
    farther.say({ seq: 1, size: 100, fin: true })
    farther.stream.confirmEnd(0)
    expect(farther.stream.read()).toHaveLength(100)
    expect(farther.stream.peerFinished).toBe(true)
  })

  test('once SAL has confirmed it, is final: nothing beyond it is accepted', () => {
    const hand = new Hand().say({ size: 10, fin: true }).say({ seq: 501, size: 50 })
    hand.stream.confirmEnd(hand.nowMs)
    hand.say({ seq: 11, size: 5 }).say({ seq: 5, size: 600, fin: true })
    expect(hand.stream.read()).toHaveLength(10)
    expect([hand.stream.peerFinished, hand.stream.buffered]).toEqual([true, 0])
  })

  test('still arrives after bytes were forged behind it', () => {
    const hand = new Hand().say({ size: 10, fin: true })
    hand.say({ seq: 11, size: 5 })
    hand.stream.confirmEnd(hand.nowMs)
    expect(hand.stream.read()).toHaveLength(15)
    expect(hand.stream.peerFinished).toBe(true)
  })

  test('if SAL confirms it before it arrives, is awaited: no byte is lost', () => {
    const hand = new Hand()
    hand.stream.confirmEnd(hand.nowMs)
    hand.say({ seq: 11, size: 10, fin: true })
    expect(hand.stream.peerFinished).toBe(false)
    hand.say({ seq: 1, size: 10 })
    expect(hand.stream.read()).toHaveLength(20)
    expect(hand.stream.peerFinished).toBe(true)
  })

  test('leaves our sending side open', () => {
    const hand = new Hand().say({ fin: true }).write(100)
    expect(brief(hand.take())).toEqual(['1+100'])
  })
})

describe('both', () => {
  test.each([
    ['client first', 0, 500],
    ['server first', 500, 0],
    ['at once', 0, 0],
  ])('%s: everything ends', (_, clientMs, serverMs) => {
    const pipe = new Pipe({ there: { latencyMs: 5, loss: 0.2 }, seed: 3 }).open()
    const ends = [
      [pipe.client, clientMs],
      [pipe.server, serverMs],
    ] as const
    const readers = ends.map(([{ stream }]) => new Reader(stream))
    for (const [{ stream }, ms] of ends) {
      pipe.run(Math.max(pipe.nowMs, ms))
      new Writer(stream, 10_000).go()
    }
    pipe.run()
    for (const [i, [{ stream }]] of ends.entries()) {
      expect(readers[i]).toMatchObject({ count: 10_000, wrong: 0, hasEnded: true })
      expect([stream.finished, stream.peerFinished, stream.buffered]).toEqual([true, true, 0])
      expect(stream.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
    }
  })
})

describe('destroyed', () => {
  test('holds, sends, accepts and reports nothing', () => {
    const hand = new Hand().write(50_000).say({ size: 100 }).say({ seq: 901, size: 100 })
    const told: string[] = []
    const tell = (name: string) => () => told.push(name)
    hand.stream.user = {
      onReadable: tell('readable'),
      onDrain: tell('drain'),
      onEnd: tell('end'),
      onFinished: tell('finished'),
    }
    hand.stream.driver = { isCrowded: false, wake: () => told.push('wake') }
    hand.take()
    hand.stream.destroy()
    hand.say({ size: 100, fin: true, ack: 1001 })
    hand.stream.thaw(hand.nowMs, true)
    hand.stream.finish(hand.nowMs)
    expect([hand.take(), hand.stream.read(), hand.stream.write(new Uint8Array(5))]).toEqual([
      [],
      undefined,
      false,
    ])
    expect([hand.stream.buffered, told]).toEqual([0, []])
    expect(hand.stream.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
  })
})
