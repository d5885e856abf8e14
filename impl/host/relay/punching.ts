/**
 * Moves flows off their relay. Both ends move from their address to the same address at the same time, so each translator opens
 * for the other end (hole punching). Where that does not work the moves fail, and the relay goes on.
 *
 * The end that opened the flow begins, and the other follows when it hears of the move through the relay. In the same way both
 * return to the relay when the direct path has died.
 */
import { overlaps } from '../../../spec/machines/flow/capabilities.ts'
import { MOVE_FAILED, PEER_MOVE_FAILED } from '../../../spec/machines/flow/notices.ts'
import { MIGRATION } from '../../../spec/machines/flow/states.ts'
import type { Address } from '../../link/link.ts'
import type { Flow } from '../flows/flow.ts'
import type { Timed } from '../hostOptions.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { FIRST_PUNCH_MS, type Relayed } from './relayed.ts'

/** The wait after an attempt, ms; doubled each time. Translators that prevent a direct path seldom change. */
const NEXT_PUNCH_MS = 30_000
const MOST_PUNCH_MS = 3_600_000
/** An end that has moved itself so shortly before does not follow, ms: otherwise two ends could follow each other forever. */
const FOLLOW_MS = 2000

export interface PunchingHost {
  readonly places: HostAddresses
  migrate(flow: Flow, address: Address, now: number): void
}

export class Punching implements Timed {
  readonly #host: PunchingHost
  /** When each flow tries next, ms. */
  readonly #due = new Map<Flow, number>()
  /** No flow tries before this, ms. A host asks for it with every batch of packets. */
  #nextMs = Infinity

  constructor(host: PunchingHost) {
    this.#host = host
  }

  nextTimeout(): number {
    return this.#nextMs
  }

  poll(now: number): void {
    if (this.#nextMs > now) return
    this.#nextMs = Infinity
    for (const [flow, dueMs] of this.#due)
      if (dueMs > now) this.#nextMs = Math.min(this.#nextMs, dueMs)
      else {
        this.#due.delete(flow)
        this.#begin(flow, now)
      }
  }

  /** Something has happened to a flow that began through a relay: it is connected, it has moved, or it has ended. */
  heard(flow: Flow, relayed: Relayed, notice: number, now: number): void {
    if (flow.migration !== MIGRATION.INITIAL) return
    const hasFailed = relayed.isPunching && (notice === MOVE_FAILED || notice === PEER_MOVE_FAILED)
    relayed.isPunching = relayed.isFollowing = false
    // The peer may have left the relay: it has to hear that this end has not.
    if (hasFailed && flow.isLive) this.#move(flow, relayed, false, false, now)
    const isOpener = flow.listener === undefined
    if (!isOpener || !flow.isLive) this.#due.delete(flow)
    else if (flow.peer !== relayed.via) {
      this.#due.delete(flow)
      relayed.waitMs = FIRST_PUNCH_MS
    } else if (!this.#due.has(flow)) this.#schedule(flow, now + relayed.waitMs)
  }

  /** The peer claims a new address through the relay; `punches`: one that the relay has seen, away from it. */
  follow(flow: Flow, relayed: Relayed, punches: boolean, now: number): void {
    const isNews = punches || flow.peer !== relayed.via
    if (flow.migration !== MIGRATION.RSYN_RECV || !isNews || now - relayed.movedMs < FOLLOW_MS) return
    this.#move(flow, relayed, punches, true, now)
  }

  #begin(flow: Flow, now: number): void {
    const { relayed, state } = flow
    if (relayed === undefined || !flow.isLive) return
    const mayMove = flow.migration === MIGRATION.INITIAL && this.#host.places.isOwn(flow.local)
    if (flow.peer !== relayed.via || !overlaps(state.capabilities)) return
    relayed.waitMs = Math.min(Math.max(2 * relayed.waitMs, NEXT_PUNCH_MS), MOST_PUNCH_MS)
    if (mayMove) this.#move(flow, relayed, true, false, now)
    else this.#schedule(flow, now + FIRST_PUNCH_MS)
  }

  #schedule(flow: Flow, dueMs: number): void {
    this.#due.set(flow, dueMs)
    this.#nextMs = Math.min(this.#nextMs, dueMs)
  }

  #move(flow: Flow, relayed: Relayed, isPunching: boolean, isFollowing: boolean, now: number): void {
    relayed.isPunching = isPunching
    relayed.isFollowing = isFollowing
    relayed.movedMs = now
    relayed.leaving = flow.local
    this.#host.migrate(flow, flow.local, now)
  }
}
