/** One transfer from the client to the server over several ways, and how fast it went. */
import { must } from '../../../../../checker/text/at.ts'
import type { Stream } from '../../stream.ts'
import type { PathOptions } from '../../testing/path.ts'
import { Reader, Writer } from '../../testing/transfer.ts'
import type { SchedulerName } from '../scheduler.ts'
import { type Flow, Net } from './net.ts'
import { rateOf } from './transfers.ts'

/** Two paths of 50 Mb/s, with queues of 20 and 40 ms. */
export const FAST: PathOptions = { latencyMs: 5, rate: 50e6, queueBytes: 125_000 }
export const SLOW: PathOptions = { latencyMs: 20, rate: 50e6, queueBytes: 250_000 }

export interface Given {
  readonly bytes: number
  readonly seed?: number
  readonly scheduler?: SchedulerName
  readonly isCoupled?: boolean
}

export class Download {
  readonly net: Net
  readonly client: Stream
  readonly server: Stream
  readonly reader: Reader
  readonly startMs: number
  readonly #bytes: number

  /** Opens a flow for each of `ways`, and begins to write. */
  constructor(
    ways: readonly PathOptions[],
    { bytes, seed = 1, scheduler = 'minRtt', isCoupled = true }: Given,
  ) {
    this.net = new Net(seed)
    const { net } = this
    const { client, server } = net.connect(net.way(must(ways[0])))
    this.client = client
    this.server = server
    net.run(100)
    if (ways.length > 1) {
      client.scheduler = scheduler
      client.isCoupled = isCoupled
    }
    for (const way of ways.slice(1)) net.join(client, server, net.way(way))
    net.run(500)
    this.startMs = net.nowMs
    this.#bytes = bytes
    this.reader = new Reader(server)
    new Reader(client)
    new Writer(client, bytes).go()
  }

  flow(i: number): Flow {
    return must(this.net.flows[i])
  }

  /** Runs to the end. Returns the duration in ms. */
  run(): number {
    const { net, reader, startMs } = this
    net.run(startMs + 600_000, () => reader.hasEnded)
    if (reader.count !== this.#bytes || reader.wrong > 0)
      throw new Error(`read ${reader.count} bytes, ${reader.wrong} wrong`)
    return net.nowMs - startMs
  }
}

/** Returns the rate of a transfer in Mb/s. */
export const rateOver = (ways: readonly PathOptions[], given: Given): number =>
  rateOf(given.bytes, new Download(ways, given).run())

export interface Gap {
  /** The longest time without news for the reader after the path died, in ms. */
  readonly longestMs: number
  /** Its part after the sender knew that the flow had stalled. */
  readonly afterKnownMs: number
  /** The smoothed round trip of the other flow then. */
  readonly otherMs: number
}

/** Gaps that begin later than this after the death of a path have other reasons, ms: the other path loses packets, too. */
const BEGINS_WITHIN_MS = 100

/** The way with this index dies 700 ms after the beginning. */
export function gapOf(ways: readonly PathOptions[], dies: 0 | 1, given: Given): Gap {
  const download = new Download(ways, given)
  const { net, client, server, startMs, reader } = download
  const cutMs = startMs + 700
  let [lastMs, longestMs, endMs, knownMs, otherMs] = [0, 0, 0, Number.NaN, 0]
  const read = must(server.user?.onReadable)
  server.user = {
    ...server.user,
    onReadable: () => {
      const before = reader.count
      read()
      if (reader.count === before) return
      if (net.nowMs > cutMs && lastMs < cutMs + BEGINS_WITHIN_MS && net.nowMs - lastMs > longestMs) {
        longestMs = net.nowMs - lastMs
        endMs = net.nowMs
      }
      lastMs = net.nowMs
    },
  }
  const watch = () => {
    if (must(client.flows[dies]).isStalled) {
      knownMs = net.nowMs
      otherMs = must(client.flows[1 - dies]).roundTripMs
    } else net.at(net.nowMs + 0.5, watch)
  }
  net.at(cutMs, () => {
    const { client: one, server: other } = download.flow(dies)
    one.path.isCut = other.path.isCut = true
    watch()
  })
  download.run()
  return { longestMs, afterKnownMs: Math.min(longestMs, Math.max(0, endMs - knownMs)), otherMs }
}

/** Two flows of one stream and one flow of another share a path. Returns the part of the two, after the first fifth. */
export function shareOf(way: PathOptions, isCoupled: boolean, seed: number, seconds: number): number {
  const net = new Net(seed)
  const shared = net.way(way)
  const two = net.connect(shared)
  two.client.isCoupled = isCoupled
  net.join(two.client, two.server, shared)
  net.run(500)
  const one = net.connect(shared)
  const readers = [new Reader(two.server), new Reader(one.server)] as const
  new Writer(two.client, 1e10).go()
  net.run(net.nowMs + 100 * net.random())
  new Writer(one.client, 1e10).go()
  net.run(net.nowMs + 200 * seconds)
  const before = readers.map(({ count }) => count)
  net.run(net.nowMs + 800 * seconds)
  const [a, b] = readers.map(({ count }, i) => count - must(before[i])) as [number, number]
  return a / (a + b)
}
