/** Rules as a router's command line has them. */

import { EVERY_SERVICE, servicePrefixOf } from '../../impl/host/services/serviceId.ts'
import { DEFAULT_PRIORITY, PRIORITY_LIMIT, WEIGHT_LIMIT } from '../../impl/host/services/serviceTable.ts'
import { parseDestination } from '../../impl/link/address.ts'
import type { RuleTarget } from '../../impl/sockets/rules.ts'
import { CliError } from '../errors.ts'

export interface RouterRule {
  readonly prefix: string
  readonly target: RuleTarget
  readonly priority: number
  readonly weight: number
}

const RULE = /^([^=]+)=(?:via (\S+)|(delay|drop))(?: priority (\d{1,10}))?(?: weight (\d{1,10}))?$/

/** `acme=via 192.0.2.7`, `acme/echo=via 192.0.2.8 weight 3`, `old=drop`. Throws CLI_RULE, a ServiceError, LINK_ADDRESS. */
export function routerRuleOf(text: string): RouterRule {
  const [, prefix, via, kind, priority = DEFAULT_PRIORITY, weight = 1] = RULE.exec(text.trim()) ?? []
  const rule = { priority: Number(priority), weight: Number(weight) }
  if (prefix === undefined || rule.priority > PRIORITY_LIMIT || rule.weight > WEIGHT_LIMIT)
    throw new CliError(
      'CLI_RULE',
      `'${text}' is not a rule; write 'acme=via 192.0.2.7', 'acme=delay' or 'acme=drop', optionally followed by 'priority N' and 'weight N'`,
    )
  servicePrefixOf(prefix)
  if (via !== undefined) parseDestination(via)
  return { prefix, target: via === undefined ? (kind as 'delay' | 'drop') : { via }, ...rule }
}

/** The rule for all that no other names. Throws LINK_ADDRESS. */
export const defaultRule = (via: string): RouterRule => {
  parseDestination(via)
  return { prefix: EVERY_SERVICE, target: { via }, priority: DEFAULT_PRIORITY, weight: 1 }
}
