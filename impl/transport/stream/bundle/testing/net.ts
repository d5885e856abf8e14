/** Streams with several flows in virtual time: each flow has its own paths, or shares those of another. Plays SAL's part. */
import { must, at as placeOf } from '../../../../../checker/text/at.ts'
import { ACK, SYN, SYNACK } from '../../../../../spec/machines/flow/packets.ts'
import { sealSegment, segmentIsIntact } from '../../../../../spec/wire/segment.ts'
import type { Transport } from '../../../transport.ts'
import type { StreamOptions } from '../../options.ts'
import { Stream } from '../../stream.ts'
import { Path, type PathOptions, type Random, randomOf } from '../../testing/path.ts'

const PACKET_BYTES = 2048
/** The most packets that leave at one time. More means that the streams never stop sending. */
const MOST_AT_ONCE = 50_000

/** Both directions of a way through the network. */
export interface Way {
  readonly there: Path
  readonly back: Path
}

/** One end of a flow. */
class FlowEnd {
  readonly transport: Transport
  readonly path: Path
  isWoken = true

  constructor(transport: Transport, path: Path) {
    this.transport = transport
    this.path = path
    transport.driver = { wake: () => (this.isWoken = true), isCrowded: false }
  }
}

export class Flow {
  readonly client: FlowEnd
  readonly server: FlowEnd
  isOpen = false

  constructor(client: Transport, server: Transport, { there, back }: Way) {
    this.client = new FlowEnd(client, there)
    this.server = new FlowEnd(server, back)
  }

  get ends(): readonly FlowEnd[] {
    return [this.client, this.server]
  }
}

export class Net {
  nowMs = 0
  readonly random: Random
  readonly flows: Flow[] = []
  /** What else has a time to act, such as a test: called when it is due. */
  readonly events: { readonly atMs: number; readonly act: () => void }[] = []
  /** Called with each packet that leaves: its flow, whether the client sent it, and its bytes. */
  onPacket: ((flow: number, isClient: boolean, bytes: Uint8Array) => void) | undefined
  readonly #out = new Uint8Array(PACKET_BYTES)

  constructor(seed = 1) {
    this.random = randomOf(seed)
  }

  way(there: PathOptions, back: PathOptions = there): Way {
    return { there: new Path(there, this.random), back: new Path(back, this.random) }
  }

  numbers(): StreamOptions {
    const [a, b] = [this.random(), this.random()]
    return { initialSequence: Math.floor(a * 2 ** 32), timestampOffset: Math.floor(b * 2 ** 32) }
  }

  /** Opens a connection of one flow, without loss. */
  connect(way: Way, options: Partial<StreamOptions> = {}): { client: Stream; server: Stream; flow: Flow } {
    const client = new Stream({ ...this.numbers(), ...options })
    const server = new Stream({ ...this.numbers(), ...options })
    const flow = new Flow(client, server, way)
    this.flows.push(flow)
    this.shake(flow)
    this.nowMs += latencyOf(way)
    return { client, server, flow }
  }

  /** Adds a flow between two streams. Its handshake takes a round trip and a half. */
  join(client: Stream, server: Stream, way: Way, isBackup = false): Flow {
    const [one, other] = [client.join(this.numbers(), isBackup), server.join(this.numbers(), isBackup)]
    const flow = new Flow(one, other, way)
    this.flows.push(flow)
    const latencyMs = way.there.options.latencyMs ?? 0
    const packets = [SYN, SYNACK, ACK] as const
    const step = (i: number, fromMs: number) => {
      const kind = packets[i]
      if (kind === undefined) {
        flow.isOpen = true
        return
      }
      const [from, to] = kind === SYNACK ? [other, one] : [one, other]
      const bytes = new Uint8Array(PACKET_BYTES)
      const end = from.writeHandshake(kind, bytes, 0, fromMs)
      this.at(fromMs + latencyMs, () => {
        if (!to.readHandshake(kind, bytes, 0, end, this.nowMs)) throw new Error('the handshake failed')
        step(i + 1, this.nowMs)
      })
    }
    step(0, this.nowMs)
    return flow
  }

  /** Ends a flow at both ends. */
  leave(client: Stream, server: Stream, flow: Flow): void {
    client.leave(flow.client.transport)
    server.leave(flow.server.transport)
    flow.isOpen = false
  }

  at(atMs: number, act: () => void): void {
    let place = this.events.length
    while (place > 0 && placeOf(this.events, place - 1).atMs > atMs) place--
    this.events.splice(place, 0, { atMs, act })
  }

  /** Runs until nothing is left to do, `isDone` returns true, or the time is `untilMs`. */
  run(untilMs = Number.POSITIVE_INFINITY, isDone: () => boolean = () => false): this {
    this.#flush()
    while (!isDone()) {
      const next = this.#nextMs()
      if (next > untilMs || next === Number.POSITIVE_INFINITY) {
        if (untilMs < Number.POSITIVE_INFINITY) this.nowMs = Math.max(this.nowMs, untilMs)
        break
      }
      this.nowMs = Math.max(this.nowMs, next)
      while (this.events.length > 0 && placeOf(this.events, 0).atMs <= this.nowMs)
        must(this.events.shift()).act()
      this.#deliver()
      for (const flow of this.flows)
        if (flow.isOpen)
          for (const end of flow.ends)
            if (end.transport.nextTimeout() <= this.nowMs) {
              end.transport.expire(this.nowMs)
              end.isWoken = true
            }
      this.#flush()
      this.#confirmEnds()
    }
    return this
  }

  shake(flow: Flow): void {
    const bytes = new Uint8Array(PACKET_BYTES)
    for (const kind of [SYN, SYNACK, ACK]) {
      const [from, to] = kind === SYNACK ? [flow.server, flow.client] : [flow.client, flow.server]
      const end = from.transport.writeHandshake(kind, bytes, 0, this.nowMs)
      if (kind !== ACK) this.nowMs += from.path.options.latencyMs ?? 0
      if (!to.transport.readHandshake(kind, bytes, 0, end, this.nowMs))
        throw new Error('the handshake failed')
    }
    flow.isOpen = true
  }

  #nextMs(): number {
    let next = this.events[0]?.atMs ?? Number.POSITIVE_INFINITY
    for (const { ends, isOpen } of this.flows)
      for (const { transport, path } of ends)
        next = Math.min(next, path.nextMs, isOpen ? transport.nextTimeout() : Number.POSITIVE_INFINITY)
    return next
  }

  /** The first byte of each packet on a path says which flow it is of. */
  #deliver(): void {
    const paths = new Set(this.flows.flatMap(({ ends }) => ends.map(({ path }) => path)))
    for (const path of paths)
      for (const bytes of path.arrived(this.nowMs)) {
        const flow = this.flows[placeOf(bytes, 0) >> 1]
        if (flow === undefined || !flow.isOpen) continue
        const to = placeOf(bytes, 0) & 1 ? flow.server : flow.client
        if (!segmentIsIntact(bytes, 1, bytes.length, 0)) continue
        to.transport.receive(bytes, 1, bytes.length, this.nowMs)
        to.isWoken = true
        this.#flush()
      }
  }

  #flush(): void {
    for (let count = 0, isBusy = true; isBusy; ) {
      isBusy = false
      for (let i = 0; i < this.flows.length; i++) {
        const flow = placeOf(this.flows, i)
        if (!flow.isOpen) continue
        for (const end of flow.ends) {
          if (!end.isWoken) continue
          end.isWoken = false
          isBusy = true
          for (;;) {
            const length = end.transport.send(this.#out, 1, this.nowMs)
            if (length === 1) break
            if (count++ > MOST_AT_ONCE) throw new Error('the streams send without end')
            this.#put(i, end === flow.client, end.path, length)
          }
        }
        if (count++ > MOST_AT_ONCE) throw new Error('the streams wake each other without end')
      }
    }
  }

  #put(flow: number, isClient: boolean, path: Path, length: number): void {
    sealSegment(this.#out, 1, length, 0)
    this.#out[0] = (flow << 1) | (isClient ? 1 : 0)
    this.onPacket?.(flow, isClient, this.#out.subarray(1, length))
    path.send(this.#out.subarray(0, length), this.nowMs)
  }

  /** SAL sends its FIN in each flow once an end is acknowledged. */
  #confirmEnds(): void {
    for (const { client, server, isOpen } of this.flows) {
      if (!isOpen) continue
      if (client.transport.finished) server.transport.confirmEnd(this.nowMs)
      if (server.transport.finished) client.transport.confirmEnd(this.nowMs)
    }
  }
}

const latencyOf = ({ there }: Way): number => there.options.latencyMs ?? 0
