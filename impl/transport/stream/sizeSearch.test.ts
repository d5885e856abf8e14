/** The size of segments follows what the path carries, although nothing but loss shows a path that carries less. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { SEGMENT_BYTES } from '../../../spec/wire/segment.ts'
import {
  BASE_MSS,
  COMMON_MSS,
  DEFAULT_MSS,
  FLOOR_MSS,
  PROBES_PER_SIZE,
  RAISE_MS,
  TIMESTAMP_BYTES,
} from './limits.ts'
import { SizeSearch } from './sizeSearch.ts'
import { Hand } from './testing/hand.ts'
import { Pipe, type PipeOptions } from './testing/pipe.ts'
import { bytesAt, exchange, Reader, Writer } from './testing/transfer.ts'

const BASE = BASE_MSS - TIMESTAMP_BYTES
const MOST = DEFAULT_MSS - TIMESTAMP_BYTES
/** The bytes of a packet before those of the stream. */
const HEADER = SEGMENT_BYTES + TIMESTAMP_BYTES
const LATENCY_MS = 100
const MANY = 1_000_000
/** Makes a transfer of MANY bytes take seconds, without a queue that overflows. */
const WINDOW = { mostWindow: 32_768 }

/** A pipe whose paths drop every packet with more than `most` bytes of the stream, and report nothing. */
function narrow(most: number, options: PipeOptions = {}): Pipe {
  const { client, server, ...rest } = options
  const ends = { client: { ...WINDOW, ...client }, server: { ...WINDOW, ...server } }
  const pipe = new Pipe({ there: { latencyMs: LATENCY_MS }, ...rest, ...ends })
  narrowTo(pipe, most)
  return pipe.open()
}

function narrowTo({ client, server }: Pipe, most: number): void {
  for (const { path } of [client, server]) path.drops = bytes => bytes.length > HEADER + most
}

describe('on a path that carries segments of', () => {
  test.each([
    ...COMMON_MSS.slice(1).map(size => size - TIMESTAMP_BYTES),
    BASE,
    BASE + 50,
    MOST + 100,
  ])('%i bytes, the search finds the largest common size, and loses no data', most => {
    const pipe = narrow(most)
    exchange(pipe, MANY, 0)
    const sizes = [MOST, ...COMMON_MSS.map(size => size - TIMESTAMP_BYTES)]
    const largest = Math.max(...sizes.filter(size => size <= Math.min(most, MOST)))
    expect(pipe.client.stream.statistics).toMatchObject({
      segmentBytes: largest,
      segmentsRepeated: 0,
      recoveries: 0,
      duplicatesReported: 0,
    })
  })

  test('less than the base, everything arrives in shorter segments', () => {
    const pipe = narrow(700)
    exchange(pipe, MANY, 0)
    expect(pipe.client.stream.statistics.segmentBytes).toBe(FLOOR_MSS - TIMESTAMP_BYTES)
  })

  test('jumbo frames, one probe finds it', () => {
    const pipe = narrow(8900, { client: { mss: 1900 }, server: { mss: 1900 } })
    exchange(pipe, MANY, 0)
    expect(pipe.client.stream.statistics).toMatchObject({
      segmentBytes: 1900 - TIMESTAMP_BYTES,
      sizeProbes: 1,
    })
  })
})

test('a short flow sends no probe', () => {
  const pipe = narrow(MOST)
  exchange(pipe, 10 * BASE, 5 * BASE)
  for (const { stream } of [pipe.client, pipe.server])
    expect(stream.statistics).toMatchObject({ sizeProbes: 0, segmentBytes: BASE })
})

test('a peer without SACK could report no probe, so segments stay short', () => {
  const pipe = narrow(MOST, { client: { sack: false } })
  exchange(pipe, MANY, 0)
  expect(pipe.client.stream.statistics).toMatchObject({ sizeProbes: 0, segmentBytes: BASE })
})

test('probes that get lost are repeated before a smaller size is tried', () => {
  const pipe = narrow(MOST)
  let lost = 0
  pipe.client.path.drops = bytes => bytes.length > HEADER + BASE && lost++ < PROBES_PER_SIZE - 1
  exchange(pipe, MANY, 0)
  expect(pipe.client.stream.statistics).toMatchObject({ segmentBytes: MOST, sizeProbes: PROBES_PER_SIZE })
})

/** A pipe whose client has sent for a while and uses the longest segments; more data is on its way. */
function running(): { pipe: Pipe; reader: Reader } {
  const pipe = narrow(MOST)
  const reader = new Reader(pipe.server.stream)
  new Writer(pipe.client.stream, 10 * MANY).go()
  pipe.run(pipe.nowMs + 2000)
  expect(pipe.client.stream.statistics.segmentBytes).toBe(MOST)
  return { pipe, reader }
}

describe('when the path suddenly carries less', () => {
  test('bytes flow again within 2 s, and the search finds the new size', () => {
    const { pipe, reader } = running()
    narrowTo(pipe, BASE + 130)
    pipe.run(pipe.nowMs + 100)
    const before = reader.count
    pipe.run(pipe.nowMs + 1900)
    expect(reader.count).toBeGreaterThan(before + 10 * BASE)
    pipe.run(pipe.nowMs + 4000)
    expect(pipe.client.stream.statistics.segmentBytes).toBe(1320 - TIMESTAMP_BYTES)
    expect(reader.wrong).toBe(0)
  })

  test('small segments that still arrive do not hide it', () => {
    const pipe = narrow(MOST, { client: { noDelay: true } })
    const reader = new Reader(pipe.server.stream)
    const { stream } = pipe.client
    let written = 0
    const write = (count: number): void => {
      stream.write(bytesAt(written, count))
      written += count
    }
    write(MANY)
    pipe.run(pipe.nowMs + 10_000)
    expect(stream.statistics.segmentBytes).toBe(MOST)
    narrowTo(pipe, BASE)
    write(2 * MOST)
    for (let i = 0; i < 40; i++) {
      write(10)
      pipe.run(pipe.nowMs + 50)
    }
    pipe.run(pipe.nowMs + 2 * LATENCY_MS)
    expect([reader.count, reader.wrong]).toEqual([written, 0])
  })
})

describe('after a move', () => {
  test.each([
    true,
    false,
  ])('segments are short until the new path carries longer ones (cut off before: %s)', isCut => {
    const { pipe, reader } = running()
    const { client, server } = pipe
    narrowTo(pipe, BASE)
    for (const { path } of [client, server]) if (isCut) path.clear()
    for (const { stream } of [client, server]) {
      if (isCut) stream.freeze()
      if (isCut) stream.thaw(pipe.nowMs, true)
      else stream.change(pipe.nowMs)
    }
    const before = reader.count
    pipe.run(pipe.nowMs + 10 * LATENCY_MS)
    expect(reader.count).toBeGreaterThan(before)
    pipe.run(pipe.nowMs + 5000)
    expect(client.stream.statistics).toMatchObject({ segmentBytes: BASE, timeouts: 0 })
    narrowTo(pipe, MOST)
    for (const { stream } of [client, server]) stream.change(pipe.nowMs)
    pipe.run(pipe.nowMs + 2000)
    expect(client.stream.statistics.segmentBytes).toBe(MOST)
  })
})

test('an outage that looks like a smaller MTU costs little: the first probe restores the size', () => {
  const { pipe } = running()
  pipe.client.path.isCut = true
  pipe.run(pipe.nowMs + 3000)
  expect(pipe.client.stream.statistics.segmentBytes).toBeLessThan(BASE)
  pipe.client.path.isCut = false
  const { sizeProbes } = pipe.client.stream.statistics
  pipe.run(pipe.nowMs + 4000)
  expect(pipe.client.stream.statistics).toMatchObject({ segmentBytes: MOST, sizeProbes: sizeProbes + 1 })
})

test('transfers arrive whatever paths carry, and however often that changes', SLOW, () => {
  const change = fc.record({
    waitMs: fc.nat(1500),
    most: fc.integer({ min: FLOOR_MSS, max: MOST + 100 }),
    moves: fc.boolean(),
    loses: fc.boolean(),
  })
  const property = fc.property(fc.integer(), fc.array(change, { maxLength: 6 }), (seed, changes) => {
    const there = { latencyMs: 20, rate: 1e6, queueBytes: 100_000, loss: 0.005, reordering: 0.02 }
    const pipe = new Pipe({ seed, there }).open()
    const ends = [pipe.client, pipe.server] as const
    const readers = ends.map(({ stream }) => new Reader(stream))
    for (const { stream } of ends) new Writer(stream, 300_000).go()
    for (const { waitMs, most, moves, loses } of changes) {
      pipe.run(pipe.nowMs + waitMs)
      narrowTo(pipe, most)
      for (const { stream, path } of ends) {
        if (loses) path.clear()
        if (moves) stream.change(pipe.nowMs)
      }
    }
    // With a segment that never fits the path, there would always be something to do.
    pipe.run(pipe.nowMs + 600_000)
    for (const [i, { stream }] of ends.entries()) {
      expect(readers[i]).toMatchObject({ count: 300_000, wrong: 0, hasEnded: true })
      expect([stream.finished, stream.peerFinished, stream.buffered]).toEqual([true, true, 0])
    }
  })
  fc.assert(property, { numRuns: 15 })
})

describe('a peer that lies', () => {
  test.prop([fc.array(fc.tuple(fc.nat(8000), fc.nat(2000), fc.nat(400)), { minLength: 1, maxLength: 12 })])(
    'changes the size at most to another that both ends can take',
    reports => {
      const peer = new Hand({ mss: DEFAULT_MSS, peerMss: 1440, peerWindow: 20_000 }).write(60_000)
      let ack = 1
      for (const [from, length, waitMs] of reports) {
        const said = peer.wait(waitMs)
        for (const { seq, size } of said) ack = Math.max(ack, seq + size)
        peer.say({ ack, sack: [[Math.max(0, ack - from), Math.max(0, ack - from) + length]] })
        const sizes = [
          MOST,
          BASE,
          FLOOR_MSS - TIMESTAMP_BYTES,
          ...COMMON_MSS.map(size => size - TIMESTAMP_BYTES),
        ]
        expect(sizes).toContain(peer.stream.statistics.segmentBytes)
      }
    },
  )

  test('a duplicate that is no probe proves nothing', () => {
    const search = new SizeSearch(BASE, MOST, TIMESTAMP_BYTES)
    expect(search.due(0)).toBe(MOST)
    search.sent(5000, 5000 + MOST, 200)
    for (const [from, to] of [
      [5000, 5000 + BASE],
      [4999, 5000 + MOST],
      [5000, 5001 + MOST],
      [5000, 5000],
      [0, 0],
    ] as const)
      expect(search.answer(from, to, 10)).toBe(0)
    expect(search.answer(5000, 5000 + MOST, 10)).toBe(MOST)
  })
})

describe('the search', () => {
  test('tries each size three times, then rests for ten minutes', () => {
    const search = new SizeSearch(BASE, MOST, TIMESTAMP_BYTES)
    const tried: number[] = []
    let nowMs = 0
    for (let size = search.due(nowMs); size > 0; size = search.due(nowMs)) {
      tried.push(size)
      nowMs += 300
      search.sent(1, 1 + size, nowMs)
      expect(search.due(nowMs - 1)).toBe(0)
    }
    const sizes = [MOST, ...COMMON_MSS.map(size => size - TIMESTAMP_BYTES)].filter(
      (size, i, all) => size > BASE && size <= MOST && all.indexOf(size) === i,
    )
    expect(tried).toEqual(sizes.flatMap(size => Array(PROBES_PER_SIZE).fill(size)))
    expect([search.due(nowMs + RAISE_MS - 1), search.due(nowMs + RAISE_MS)]).toEqual([0, MOST])
  })

  test('a late answer to a probe that counts as lost still proves its size, once', () => {
    const search = new SizeSearch(BASE, MOST, TIMESTAMP_BYTES)
    search.due(0)
    search.sent(1, 1 + MOST, 300)
    search.due(300)
    expect([search.answer(1, 1 + MOST, 301), search.answer(1, 1 + MOST, 302)]).toEqual([MOST, 0])
    expect([search.due(302), search.due(301 + RAISE_MS)]).toEqual([0, MOST])
  })
})
