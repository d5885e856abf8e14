/** Rules for all hosts, and evictions, which operators order through the admin socket of a controller's process. */

import type { Listener } from '../host/flows/listener.ts'
import type { Target } from '../host/services/serviceTable.ts'
import { printAddress } from '../link/address.ts'
import type { RuleKeeper } from '../sockets/stackOptions.ts'
import { order } from './evictions.ts'
import type { Ledger } from './ledger.ts'
import { overruling } from './overruling.ts'
import type { StandingRule } from './standing.ts'

export const keeperOf = <Peer>(ledger: Ledger<Peer>): RuleKeeper => ({
  get trouble() {
    return ledger.health.trouble
  },
  add: async (prefix, target, { priority, weight }) => {
    const rule = named(prefix, target)
    await ledger.addRule({
      ...rule,
      ...(priority !== undefined && { priority }),
      ...(weight !== undefined && { weight }),
    })
    return overruling(ledger, rule)
  },
  evict: (service, address) => order(ledger, 'EVICT', service, address),
  admit: (service, address) => order(ledger, 'ADMIT', service, address),
  remove: (prefix, target) => ledger.removeRule(named(prefix, target)),
  rules: () =>
    ledger.standing.rules().map(({ prefix, kind, address, priority, weight }) => ({
      ...{ prefix, priority: priority ?? null, weight: weight ?? null },
      target: address === undefined ? kind : `${kind} ${address}`,
    })),
})

function named(prefix: string, target: Target<Listener>): Pick<StandingRule, 'prefix' | 'kind' | 'address'> {
  if (target.kind === 'forward') return { prefix, kind: 'forward', address: printAddress(target.address) }
  if (target.kind === 'demux') throw new TypeError('a listener is the rule of its own host')
  return { prefix, kind: target.kind }
}
