/** The deadlines of flows: retransmissions, the ends of TIME-WAIT, and their transports' own timers. */
import { overlaps } from '../../../spec/machines/flow/capabilities.ts'
import type { FlowEvent } from '../../../spec/machines/flow/events.ts'
import { OWES_CONTROL } from '../../../spec/machines/flow/registers.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import type { Counters } from '../counters.ts'
import type { Limits } from '../limits.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import {
  announce,
  departAgain,
  SUSPICIOUS_TIMEOUTS,
  suspect,
  type TranslatedHost,
} from '../paths/translation.ts'
import { LINGER, RETRANSMIT, TIMERS_PER_FLOW } from './engine.ts'
import type { Flow } from './flow.ts'
import type { Flows } from './flows.ts'
import type { Timers } from './timers.ts'

/** The parts of a host that alarms use. */
export interface AlarmsHost extends TranslatedHost {
  readonly limits: Limits
  readonly counters: Counters
  readonly timers: Timers
  wake(flow: Flow): void
  readonly places: HostAddresses
  fault(error: unknown, depth: number, now: number, flow?: Flow): void
}

export class Alarms {
  readonly #host: AlarmsHost
  readonly #flows: Flows
  /** How often flows in FINWAIT2 have asked in a row whether their peer is alive. Holds no flow that has not asked. */
  readonly #unanswered = new WeakMap<Flow, number>()
  readonly #step: (flow: Flow, type: FlowEvent['type'], now: number) => void

  constructor(
    host: AlarmsHost,
    flows: Flows,
    step: (flow: Flow, type: FlowEvent['type'], now: number) => void,
  ) {
    this.#host = host
    this.#flows = flows
    this.#step = step
  }

  poll(now: number): void {
    const { timers } = this.#host
    for (let timer = timers.due(now); timer >= 0; timer = timers.due(now)) {
      const flow = this.#flows.inSlot(Math.floor(timer / TIMERS_PER_FLOW))
      if (flow === undefined) continue
      try {
        this.#expire(flow, timer % TIMERS_PER_FLOW, now)
      } catch (error) {
        this.#host.fault(error, 0, now, flow)
      }
    }
  }

  #expire(flow: Flow, which: number, now: number): void {
    if (which === RETRANSMIT) this.#retransmit(flow, now)
    else if (which === LINGER) this.#linger(flow, now)
    else {
      flow.transport.expire(now)
      this.#host.wake(flow)
      if ((flow.transport.timeouts ?? 0) >= SUSPICIOUS_TIMEOUTS) suspect(this.#host, flow, now)
    }
  }

  /** The peer answers a FIN to where it came from, but sends its own to where it knows this end. */
  #linger(flow: Flow, now: number): void {
    const hasAsked = (flow.state.owed & OWES_CONTROL) !== 0
    const unanswered = hasAsked ? (this.#unanswered.get(flow) ?? 0) + 1 : 0
    if (hasAsked) this.#unanswered.set(flow, unanswered)
    else this.#unanswered.delete(flow)
    this.#step(flow, unanswered < this.#host.limits.tries ? 'EXPIRE' : 'DEAD', now)
    if (flow.connection === CONNECTION.FINWAIT2) announce(this.#host, flow, now)
  }

  #retransmit(flow: Flow, now: number): void {
    flow.timeoutAt = Infinity
    if (flow.retransmission.expired(this.#triesOf(flow))) {
      this.#host.counters.repeated++
      if (flow.connection === CONNECTION.REQUEST) flow.seeker?.silent()
      if (departAgain(this.#host, flow, now)) return
      const isSuspicious = flow.retransmission.tries > SUSPICIOUS_TIMEOUTS
      this.#step(flow, 'TIMEOUT', now)
      // Once: an announcement that got no answer must not let the tries of a FIN start over.
      if (isSuspicious && flow.translation?.departedAgain !== flow.state.sndNxt)
        announce(this.#host, flow, now)
    } else this.#step(flow, 'GIVEUP', now)
  }

  /** A move that is given up goes back, if the path before it is still there. */
  #triesOf(flow: Flow): number {
    const { limits } = this.#host
    const { capabilities, local, nextLocal } = flow.state
    const mayGoBack =
      flow.relayed?.isPunching === true || (flow.isMoving && overlaps(capabilities) && nextLocal !== local)
    return mayGoBack && this.#host.places.isOwn(local) ? limits.moveTries : limits.tries
  }
}
