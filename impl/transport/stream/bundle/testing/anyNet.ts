/** Random networks with random events: paths die and recover, flows join, leave, freeze and move, readers pause. */
import fc from 'fast-check'
import { must } from '../../../../../checker/text/at.ts'
import type { Stream } from '../../stream.ts'
import type { PathOptions } from '../../testing/path.ts'
import { Reader, Writer } from '../../testing/transfer.ts'
import { SCHEDULERS } from '../scheduler.ts'
import { type Flow, Net } from './net.ts'

/** By then all faults are over. */
const FAULTY_MS = 20_000
/** A flow may wait for its longest timeout. */
const MOST_MS = 2_000_000
const MOST_FLOWS = 6

const rarely = (max: number) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.double({ min: 0, max, noNaN: true }))

const path: fc.Arbitrary<PathOptions> = fc.record({
  latencyMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 150 })),
  rate: fc.constantFrom(1e6, 10e6, 100e6, Number.POSITIVE_INFINITY),
  queueBytes: fc.constantFrom(5000, 30_000, 300_000),
  loss: rarely(0.2),
  duplication: rarely(0.2),
  reordering: rarely(0.3),
  corruption: rarely(0.05),
})

const KINDS = [
  'cut',
  'mend',
  'join',
  'leave',
  'freeze',
  'thaw',
  'change',
  'backup',
  'scheduler',
  'coupled',
  'read',
] as const

const event = fc.record({
  atMs: fc.nat(FAULTY_MS / 4),
  kind: fc.constantFrom(...KINDS),
  which: fc.nat(100),
  isClient: fc.boolean(),
  way: path,
})
type Event = Readonly<typeof event extends fc.Arbitrary<infer T> ? T : never>

export const anyRun = fc.record({
  seed: fc.integer(),
  first: path,
  joins: fc.nat(2),
  client: fc.record({
    mostWindow: fc.constantFrom(1500, 20_000, 65_535, 4_000_000),
    noDelay: fc.boolean(),
    timestamps: fc.boolean(),
    sack: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  }),
  isLazy: fc.tuple(fc.boolean(), fc.boolean()),
  sizes: fc.tuple(fc.nat(300_000), fc.nat(100_000)),
  events: fc.array(event, { maxLength: 25, size: 'max' }),
})
export type AnyRun = Readonly<typeof anyRun extends fc.Arbitrary<infer T> ? T : never>

/** One run. Throws if a byte is lost, repeated or out of order, or if the transfer does not end. */
export class Trial {
  readonly net: Net
  readonly client: Stream
  readonly server: Stream
  readonly readers: readonly [Reader, Reader]
  readonly #run: AnyRun

  constructor(run: AnyRun) {
    this.#run = run
    this.net = new Net(run.seed)
    const { client, server } = this.net.connect(this.net.way(run.first), run.client)
    this.client = client
    this.server = server
    this.readers = [new Reader(client), new Reader(server)]
  }

  go(): this {
    const { net, client, server, readers } = this
    const { joins, events, isLazy, sizes, first } = this.#run
    for (let i = 0; i < joins; i++) net.at(50 * i, () => this.#join(first))
    for (const one of events) net.at(one.atMs, () => this.#happen(one))
    readers.forEach((reader, i) => {
      reader.isLazy = must(isLazy[i])
    })
    net.at(FAULTY_MS, () => this.#heal())
    new Writer(client, sizes[0]).go()
    new Writer(server, sizes[1]).go()
    const isOver = () => [client, server].every(({ finished, peerFinished }) => finished && peerFinished)
    net.run(MOST_MS, isOver)
    const got = readers.map(({ count, wrong, hasEnded }) => ({ count, wrong, hasEnded }))
    const wanted = [sizes[1], sizes[0]].map(count => ({ count, wrong: 0, hasEnded: true }))
    if (!isOver() || JSON.stringify(got) !== JSON.stringify(wanted))
      throw new Error(`read ${JSON.stringify(got)} by ${net.nowMs} ms`)
    return this
  }

  #open(): readonly Flow[] {
    return this.net.flows.filter(({ isOpen }) => isOpen)
  }

  #join(way: PathOptions): void {
    if (this.#open().length < MOST_FLOWS) this.net.join(this.client, this.server, this.net.way(way))
  }

  #happen({ kind, which, isClient, way }: Event): void {
    const { net, client, server } = this
    const open = this.#open()
    const flow = open[which % Math.max(1, open.length)]
    if (kind === 'join' || flow === undefined) {
      this.#join(way)
      return
    }
    const end = isClient ? flow.client : flow.server
    const stream = isClient ? client : server
    switch (kind) {
      case 'cut':
        flow.client.path.isCut = flow.server.path.isCut = true
        break
      case 'mend':
        flow.client.path.isCut = flow.server.path.isCut = false
        break
      case 'leave':
        net.leave(client, server, flow)
        break
      case 'freeze':
        end.transport.freeze()
        break
      case 'thaw':
        end.transport.thaw(net.nowMs, which % 2 === 0)
        break
      case 'change':
        end.transport.change(net.nowMs)
        break
      case 'backup':
        stream.setBackup(end.transport, which % 2 === 0)
        break
      case 'scheduler':
        stream.scheduler = must(SCHEDULERS[which % SCHEDULERS.length])
        break
      case 'coupled':
        stream.isCoupled = which % 2 === 0
        break
      default:
        for (const reader of this.readers) reader.read(1000 * which)
    }
    end.isWoken = true
  }

  /** Mends every path for good, thaws every flow, and lets readers read on. One flow is enough. */
  #heal(): void {
    for (const { client, server } of this.#open())
      for (const end of [client, server]) {
        end.path.isCut = false
        end.path.options = { ...end.path.options, loss: 0, duplication: 0, reordering: 0, corruption: 0 }
        end.transport.thaw(this.net.nowMs, false)
        end.isWoken = true
      }
    if (this.#open().length === 0) this.#join({ latencyMs: 10 })
    for (const reader of this.readers) {
      reader.isLazy = false
      reader.read()
    }
  }
}
