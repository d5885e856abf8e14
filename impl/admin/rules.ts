/** Orders from outside of the process: rules for its own table or, at a controller, for all hosts, and evictions. */

import type { Listener } from '../host/flows/listener.ts'
import { servicePrefixOf } from '../host/services/serviceId.ts'
import { PRIORITY_LIMIT, type Target, WEIGHT_LIMIT } from '../host/services/serviceTable.ts'
import { parseDestination, printAddress } from '../link/address.ts'
import type { RuleTarget, StackRule } from '../sockets/rules.ts'
import type { Stack } from '../sockets/stack.ts'
import type { RuleKeeper } from '../sockets/stackOptions.ts'
import { AdminError } from './errors.ts'
import { PAGE } from './facts.ts'
import type { Params, Result } from './methods.ts'

/** Rejects with ADMIN_RULE. */
export function addRule(stack: Stack, rule: Params<'addRule'>): Promise<Result<'addRule'>> {
  return refusing(async () => {
    const { prefix, priority, weight } = rule
    if ((priority ?? 0) > PRIORITY_LIMIT || (weight ?? 0) > WEIGHT_LIMIT)
      throw new AdminError('ADMIN_RULE', `priority and weight are at most ${WEIGHT_LIMIT}`)
    const target = targetOf(rule.target)
    const share = { priority, weight }
    if (rule.everywhere)
      return { overruledBy: (await keeperOf(stack).add(servicePrefixOf(prefix).text, target, share)) ?? null }
    stack.rules.add(prefix, named(target), share)
    const other = stack.rules.overruling(prefix, named(target))
    return { overruledBy: other === undefined ? null : wordsOf(other) }
  })
}

/** Rejects with ADMIN_RULE. */
export function removeRule(stack: Stack, rule: Params<'removeRule'>): Promise<Result<'removeRule'>> {
  return refusing(async () => {
    const [prefix, target] = [servicePrefixOf(rule.prefix), targetOf(rule.target)]
    const removed = rule.everywhere
      ? await keeperOf(stack).remove(prefix.text, target)
      : stack.rules.remove(rule.prefix, named(target))
    return { removed }
  })
}

/** Rejects with ADMIN_RULE. */
export function evict(stack: Stack, { service, address, undo }: Params<'evict'>): Promise<Result<'evict'>> {
  return refusing(async () => {
    const keeper = keeperOf(stack)
    const instances = await (undo ? keeper.admit(service, address) : keeper.evict(service, address))
    return { instances }
  })
}

/** Throws ADMIN_RULE. */
export function rulesForAll(stack: Stack, after = 0): Result<'rulesForAll'> {
  const all = keeperOf(stack).rules()
  return { rules: all.slice(after, after + PAGE), isMore: all.length > after + PAGE }
}

function keeperOf({ keeper }: Stack): RuleKeeper {
  if (keeper !== undefined) return keeper
  throw new AdminError('ADMIN_RULE', 'the process is not a controller; start one with serval controller')
}

const wordsOf = ({ prefix, target, priority }: StackRule): string =>
  `${prefix}, ${typeof target === 'string' ? target : `forward ${target.via}`}, priority ${priority}`

type Aim = Exclude<Target<Listener>, { readonly kind: 'demux' }>

const named = (target: Aim): RuleTarget =>
  target.kind === 'forward' ? { via: printAddress(target.address) } : target.kind

/** Parses `forward 192.0.2.1:54325`, `delay`, `drop`. */
function targetOf(text: string): Aim {
  if (text === 'delay' || text === 'drop') return { kind: text }
  const [, address] = /^forward (\S+)$/.exec(text) ?? []
  if (address !== undefined) return { kind: 'forward', address: parseDestination(address) }
  throw new AdminError(
    'ADMIN_RULE',
    `'${text}' is not a target; write forward and an address, delay, or drop`,
  )
}

/** Turns errors of names, addresses and registries into an AdminError whose sentence contains their code. */
async function refusing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof AdminError || !(error instanceof Error && 'code' in error)) throw error
    throw new AdminError('ADMIN_RULE', error.message)
  }
}
