/**
 * A client behind an address translator (NAT). The translator may forget a flow and show it at another address from then on,
 * where the peer does not know it. So a flow that gets no answer moves from its address to the same address: its RSYN makes the
 * peer answer to wherever the translator shows it now.
 */
import { MIGRATION } from '../../../spec/machines/flow/states.ts'
import type { Address } from '../../link/link.ts'
import type { Counters } from '../counters.ts'
import type { Flow } from '../flows/flow.ts'

export interface TranslatedHost {
  readonly counters: Counters
  /** Called with a flow that nothing answers: its owner may move it. */
  readonly onSilentPath: ((flow: Flow) => void) | undefined
  migrate(flow: Flow, address: Address, now: number): void
}

/** Retransmission timeouts in a row after which a path may be dead, or a translator may have forgotten the flow: within a second. */
export const SUSPICIOUS_TIMEOUTS = 2

/** Nothing has answered this flow for some time: it moves to another path, or announces itself if a translator is in between. */
export function suspect(host: TranslatedHost, flow: Flow, now: number): void {
  if (!flow.isLive || flow.migration !== MIGRATION.INITIAL) return
  host.onSilentPath?.(flow)
  announce(host, flow, now)
}

/** A flow that a translator may show elsewhere by now announces itself: its peer may answer to where it was. */
export function announce(host: TranslatedHost, flow: Flow, now: number): void {
  if (!flow.isTranslated || !flow.isLive || flow.migration !== MIGRATION.INITIAL) return
  host.counters.announced++
  host.migrate(flow, flow.local, now)
}

/**
 * How often a move begins again: for the first four minutes. After that its tries run out, and the end gives up its peer.
 */
const MOST_DEPARTURES = 5

/**
 * Nothing has answered what this end asks during a move, its own or its peer's. A translator may have shown it elsewhere in the
 * middle of the exchange, so that the peer validates, or asks, a dead address: begins the move again under a newer version. Each
 * time it first waits for one try more. Returns whether it has.
 */
export function departAgain(host: TranslatedHost, flow: Flow, now: number): boolean {
  const { migration, local, nextLocal, sndNxt } = flow.state
  const { translation } = flow
  if (
    flow.relayed?.isPunching === true ||
    translation === undefined ||
    !flow.isLive ||
    migration === MIGRATION.INITIAL
  )
    return false
  if (sndNxt !== translation.departedAgain) translation.departures = 0
  if (translation.departures === MOST_DEPARTURES) return false
  if (flow.retransmission.tries <= SUSPICIOUS_TIMEOUTS + translation.departures) return false
  translation.departures++
  host.counters.announced++
  host.migrate(flow, migration === MIGRATION.RSYN_RECV ? local : nextLocal, now)
  translation.departedAgain = flow.state.sndNxt
  return true
}
