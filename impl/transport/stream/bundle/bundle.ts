/**
 * The flows that carry one stream together. The data has its own positions, acknowledgments and window; each flow keeps
 * its own sequence, loss recovery and congestion window (RFC 8684, 3.3). Positions of the data continue those of the
 * first flow, so nothing changes until a second flow is open.
 */
import type { Transport } from '../../transport.ts'
import type { Exchange } from '../exchange.ts'
import type { Inbound } from '../inbound.ts'
import type { SendBuffer } from '../sendBuffer.ts'
import { type StreamStatistics, statisticsOf } from '../statistics.ts'
import { couple, uncouple } from './coupling.ts'
import { Scheduler } from './scheduler.ts'
import { Source } from './source.ts'
import { Subflow } from './subflow.ts'

/** Flows come and go on a moving machine for as long as it runs, so what they counted is forgotten some day. */
const MOST_GONE = 64

/** The stream, as its flows see it. */
export interface Owner extends Transport {
  /** The application waits for room to write more. */
  readonly owesDrain: boolean
  /** Calls the application's callbacks. */
  tell(nowMs: number): void
  /** Lets the application write more, if there is room. Returns true if it may have. */
  drain(): boolean
}

export class Bundle {
  readonly owner: Owner
  readonly flows: Subflow[] = []
  /** What flows counted that have left: only the latest ones. */
  readonly gone: StreamStatistics[] = []
  readonly scheduler: Scheduler = new Scheduler(this)
  /** The data's halves. */
  source: Source
  inbound: Inbound
  /** Counts events that may let a flow send. In each round every flow is asked, until it has no use for more data. */
  round = 0
  /** The flows together are to be as fair as one. */
  isCoupled = true
  /** ECF lets data wait for a faster flow. */
  isWaiting = false
  /** Up to this position, data that held up the window was sent again. */
  rescuedTo = 0
  /** The peer knows of several flows. */
  hasBegun = false
  readonly #first: Exchange

  constructor(owner: Owner, buffer: SendBuffer, first: Exchange) {
    this.owner = owner
    this.#first = first
    this.source = new Source(buffer, first.outbound)
    this.inbound = first.inbound
    this.flows.push(new Subflow(this, first, owner, false))
  }

  add(exchange: Exchange, transport: Transport, isBackup: boolean): Subflow {
    const flow = new Subflow(this, exchange, transport, isBackup)
    this.flows.push(flow)
    if (this.hasBegun) flow.attach()
    return flow
  }

  /** A further flow is open, so the peer knows of several flows. */
  opened(): void {
    this.begin()
    this.wake()
  }

  /** The peer knows of several flows: from now on segments have DATA options. */
  begin(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    this.source = new Source(this.source.buffer, this.#first.outbound)
    this.inbound = this.#first.inbound.split()
    this.inbound.window.restart()
    for (const flow of this.flows) flow.attach()
  }

  /** `flow` is over: what it has not delivered leaves by the others. */
  leave(flow: Subflow): void {
    if (flow.hasLeft) return
    if (flow.isFirst) this.begin()
    flow.give(true)
    flow.hasLeft = true
    const i = this.flows.indexOf(flow)
    this.flows.splice(i, 1)
    flow.exchange.clear()
    this.gone.push({
      ...statisticsOf(flow.exchange),
      congestionWindow: 0,
      slowStartThreshold: 0,
      inFlight: 0,
    })
    if (this.gone.length > MOST_GONE) this.gone.shift()
    this.inbound.window.restart()
    this.wake()
  }

  /** Something has happened that may let a flow send more. */
  changed(): void {
    this.round++
  }

  wake(): void {
    this.changed()
    for (const flow of this.flows) flow.wake()
  }

  /** The peer's window has grown. */
  windowOpened(): void {
    for (const { exchange } of this.flows) exchange.outbound.flight?.timers.windowOpened()
    this.changed()
  }

  /** Everything, and the end, are acknowledged: nothing that is in flight is needed any more. */
  finished(): void {
    for (const { exchange } of this.flows) exchange.outbound.abandon()
    this.wake()
  }

  /** A late flow has answered. */
  forgetDoubts(): void {
    for (const flow of this.flows) if (flow.isLate) return
    this.source.doubtful.clear()
  }

  /** `flow` has no use for more data in this round. */
  rested(flow: Subflow): void {
    if (flow.isPassed) return
    const { round, source, flows } = this
    flow.restedIn = round
    if (!source.isWaiting) return
    for (const other of flows) if (other.restedIn !== round && other.carriesData) other.wake()
  }

  /** The application has read. If the peer should hear of it, every flow tells, because one may be dead. */
  wasRead(nowMs: number): void {
    const { inbound, flows } = this
    if (!inbound.wasRead(nowMs)) return
    inbound.told()
    for (const flow of flows) {
      if (!flow.isOpen) continue
      flow.exchange.inbound.ackNow = true
      flow.wake()
    }
  }

  /** A flow has delivered something: divides growth anew. */
  couple(): void {
    if (this.isCoupled) couple(this.flows)
    else uncouple(this.flows)
  }

  /** Returns the bytes of memory that `flow` holds. The first flow accounts for the data. */
  memoryOf(flow: Subflow): number {
    const { source, inbound, flows } = this
    if (!this.hasBegun) return 0
    const again = source.again.memory + source.doubtful.memory
    return flow.memory + (flow === flows[0] ? source.buffer.memory + inbound.buffer.memory + again : 0)
  }

  /** True if no other flow has a longer round trip. */
  isSlowest(flow: Subflow): boolean {
    const least = leastOf(flow)
    for (const other of this.flows) if (leastOf(other) > least) return false
    return true
  }

  destroy(): void {
    for (const { exchange } of this.flows) exchange.clear()
    this.flows.length = 0
  }
}

/** Returns the shortest round trip of a flow; 0 if it is unknown. */
function leastOf({ exchange, isOpen }: Subflow): number {
  const { leastMs } = exchange.outbound.roundTrip
  return isOpen && leastMs < Number.POSITIVE_INFINITY ? leastMs : 0
}
