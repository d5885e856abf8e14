/** Chooses the data that a flow of several sends next. */
import type { Ranges } from '../ranges.ts'
import type { Bundle } from './bundle.ts'
import { isWorthWaiting } from './ecf.ts'
import { held, rescue } from './rescue.ts'
import type { Subflow } from './subflow.ts'

/**
 * `minRtt`: the flow with the shortest round trip that has room. `redundant`: every flow sends everything. `backup`: one
 * flow sends, until it falls silent.
 */
export const SCHEDULERS = ['minRtt', 'redundant', 'backup'] as const
export type SchedulerName = (typeof SCHEDULERS)[number]

/** Data from one position up to another, for a flow that may send up to `edge`. One object for all. */
const offer = { from: 0, to: 0, edge: 0 }
export type Offer = Readonly<typeof offer>

function offering(from: number, to: number, edge: number): Offer {
  offer.from = from
  offer.to = to
  offer.edge = edge
  return offer
}

export class Scheduler {
  name: SchedulerName = 'minRtt'
  readonly #bundle: Bundle
  /** The current offer is data of a slower flow. */
  #isRescue = false

  constructor(bundle: Bundle) {
    this.#bundle = bundle
  }

  /** Returns data for `flow`, which is open; undefined if there is none, or if it is better for another flow. */
  offer(flow: Subflow, nowMs: number): Offer | undefined {
    const { source } = this.#bundle
    if (this.name === 'redundant') flow.reached = Math.max(flow.reached, source.una)
    const from = this.name === 'redundant' ? flow.reached : source.next
    this.#isRescue = false
    if ((!source.mustRepeat && from >= source.limit) || !this.#isTurnOf(flow)) return undefined
    const again = firstOf(source.again, flow) ?? firstOf(source.doubtful, flow)
    if (again !== undefined) return again
    if (from >= source.limit) return undefined
    if (from >= source.edge && rescue(this.#bundle, flow, nowMs)) {
      this.#isRescue = true
      return offering(held.from, held.to, held.to)
    }
    return offering(from, source.limit, source.edge)
  }

  /** `flow` has sent the data from `from` up to `to`. */
  left(flow: Subflow, from: number, to: number): void {
    const { source } = this.#bundle
    if (this.#isRescue) this.#bundle.rescuedTo = to
    else source.repeated(from, to)
    source.next = Math.max(source.next, to)
    flow.reached = Math.max(flow.reached, to)
  }

  /** True if no other flow should send first. */
  #isTurnOf(flow: Subflow): boolean {
    const { flows, round } = this.#bundle
    if (this.name === 'redundant') return true
    const rank = rankOf(flow)
    let best: Subflow = flow
    for (const other of flows) {
      if (other === flow || !other.carriesData) continue
      const otherRank = rankOf(other)
      if (otherRank > rank) continue
      if (otherRank < rank || (this.name === 'backup' && flows.indexOf(other) < flows.indexOf(flow)))
        return false
      if (this.name === 'backup' || !isFaster(other, flow)) continue
      if (other.restedIn !== round) {
        flow.isPassed = true
        other.wake()
        return false
      }
      if (best === flow || isFaster(other, best)) best = other
    }
    return best === flow || !isWorthWaiting(this.#bundle, best, flow)
  }
}

/** Returns the first data to be sent again, unless it is in flight in this flow already. */
function firstOf(ranges: Ranges, flow: Subflow): Offer | undefined {
  if (ranges.count === 0) return undefined
  const from = ranges.left[0] as number
  const to = ranges.right[0] as number
  return flow.holds(from) > 0 ? undefined : offering(from, to, to)
}

/** The lower, the sooner a flow is used: those that answer before silent ones, backups after others. */
const rankOf = (flow: Subflow): number => (flow.isSilent ? 2 : 0) + (flow.isBackup ? 1 : 0)

/** A round trip that is not measured counts as the longest. */
const roundTripOf = ({ exchange }: Subflow): number => {
  const { smoothedMs } = exchange.outbound.roundTrip
  return smoothedMs < 0 ? Number.MAX_VALUE : smoothedMs
}

const isFaster = (a: Subflow, b: Subflow): boolean => roundTripOf(a) < roundTripOf(b)
