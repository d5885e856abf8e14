/** A controller's description of itself, for operators anywhere. */
import type { Controller } from './controller.ts'
import { FAILURE_SHOWN_CHARS, ROUTERS_SHOWN } from './limits.ts'
import type { Summary } from './messages.ts'
import type { Peer } from './peer.ts'

/** Returns the state of a controller with these connections. Those that only query it have no addresses. */
export function summaryOf({ ledger, failures, events }: Controller, peers: ReadonlySet<Peer>): Summary {
  const routers = [...peers].filter(({ wantsAll }) => wantsAll)
  return {
    registry: ledger.registryName,
    hosts: [...peers].filter(({ addresses }) => addresses.length > 0).length,
    routers: routers.length,
    routersAt: routers.slice(0, ROUTERS_SHOWN).map(({ address }) => address),
    failures: failures.map(text => text.slice(0, FAILURE_SHOWN_CHARS)),
    events,
  }
}
