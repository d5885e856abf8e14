/** The rules of a stack, as programs give and see them: docs/services.md says what they mean. */

import type { Listener } from '../host/flows/listener.ts'
import { ServiceError } from '../host/services/serviceErrors.ts'
import { SERVICE_BITS, servicePrefixOf } from '../host/services/serviceId.ts'
import type { Rule, Target } from '../host/services/serviceTable.ts'
import { parseDestination, printAddress } from '../link/address.ts'
import type { Driver } from './driver.ts'

/** Where first packets go: to an address such as `192.0.2.1:54325`; they wait; they are dropped. */
export type RuleTarget = { readonly via: string } | 'delay' | 'drop'

export interface RuleOptions {
  /** Among rules for the same prefix, the highest decides. Without, as the rule has it; 1 for a new one. */
  readonly priority?: number | undefined
  /** Among rules of the same priority, the share; 0 gets nothing new. Without, as the rule has it; 1 for a new one. */
  readonly weight?: number | undefined
  /** The rule goes when it was not chosen for so long. Never without. */
  readonly idleMs?: number
  /** The rule goes after so long, in any case. Never without. */
  readonly hardMs?: number
}

/** A rule as it stood when it was listed; `hardMs` is what was left of it, and Infinity is never. */
export interface StackRule extends Required<RuleOptions> {
  /** `acme/*`, or `acme/echo` with 256 bits: a listener's at one service. */
  readonly prefix: string
  readonly bits: number
  readonly target: RuleTarget | 'demux'
  /** For no service that certifies itself: somebody listens at the prefix, without the key. */
  readonly isPlain: boolean
  /** First packets that it was chosen for, their bytes, and how many of them were dropped. */
  readonly packets: number
  readonly bytes: number
  readonly drops: number
}

export class Rules {
  readonly #driver: Driver

  /** `expired` is told of rules whose time is over, when they are gone. */
  constructor(driver: Driver, expired: (rules: readonly StackRule[]) => void) {
    this.#driver = driver
    driver.host.onExpired = rules => {
      this.#review()
      expired(rules.map(rule => this.#told(rule)))
    }
  }

  /**
   * Adds a rule for all services whose names begin with `prefix`: `acme` for `acme/echo`, `*` for all. Prefix and target
   * name it: added again, it has the new options, and keeps priority and weight if they are not given. What waited for such a service goes on, unless it is still to wait.
   * Throws a ServiceError, LINK_ADDRESS.
   */
  add(prefix: string, target: RuleTarget, options: RuleOptions = {}): void {
    const { idleMs, hardMs } = options
    const { host } = this.#driver
    const [real, named] = [targetOf(target), servicePrefixOf(prefix)]
    const known = host.services.rulesAt(named).find(rule => isSame(rule.target, real))
    const { priority = known?.priority ?? 1, weight = known?.weight ?? 1 } = options
    if (real.kind === 'forward' && host.addresses.includes(real.address))
      throw new ServiceError(
        'SERVICE_LOOP',
        `'${prefix}' cannot be sent to ${printAddress(real.address)}, which is here: give another address`,
      )
    const now = this.#driver.now()
    host.services.add(named, real, priority, weight, { now, idleMs, hardMs })
    this.#review()
  }

  /**
   * Returns the rule that decides instead of this one: of the same prefix with a higher priority, or of the very service
   * that the prefix names. Undefined: the rule takes effect. Throws a ServiceError, LINK_ADDRESS.
   */
  overruling(prefix: string, target: RuleTarget): StackRule | undefined {
    const { services } = this.#driver.host
    const [real, named] = [targetOf(target), servicePrefixOf(prefix)]
    const beside = services.rulesAt(named)
    const priority = beside.find(rule => isSame(rule.target, real))?.priority ?? 0
    const longer = named.bits < SERVICE_BITS ? services.rulesAt({ id: named.id, bits: SERVICE_BITS }) : []
    const deciding =
      longer.find(rule => rule.weight > 0) ??
      beside.find(rule => rule.weight > 0 && rule.priority > priority && !isSame(rule.target, real))
    return deciding && this.#told(deciding)
  }

  /** Removes the rule with this prefix and target. False: there is none. Throws a ServiceError, LINK_ADDRESS. */
  remove(prefix: string, target: RuleTarget): boolean {
    const isRemoved = this.#driver.host.services.remove(servicePrefixOf(prefix), targetOf(target))
    this.#review()
    return isRemoved
  }

  /** All of them, in the order in which they are searched; listeners have theirs too. */
  list(): readonly StackRule[] {
    return this.#driver.host.services.rules().map(rule => this.#told(rule))
  }

  /** The rules have changed: what waits goes on where there is no reason to wait any more. */
  #review(): void {
    const { host } = this.#driver
    const now = this.#driver.now()
    for (const service of host.delays.services())
      if (host.services.explain(service, 0)?.target.kind !== 'delay') host.answered(service, now)
    this.#driver.kick()
  }

  #told({ prefix, target, endMs, ...rule }: Rule<Listener>): StackRule {
    return {
      ...rule,
      prefix: prefix.text,
      bits: prefix.bits,
      target: target.kind === 'forward' ? { via: printAddress(target.address) } : target.kind,
      hardMs: endMs - this.#driver.now(),
    }
  }
}

const isSame = (a: Target<Listener>, b: Target<Listener>): boolean =>
  a.kind === b.kind && (a.kind !== 'forward' || b.kind !== 'forward' || a.address === b.address)

function targetOf(target: RuleTarget): Target<Listener> {
  if (target === 'delay' || target === 'drop') return { kind: target }
  if (typeof target === 'object' && typeof target?.via === 'string')
    return { kind: 'forward', address: parseDestination(target.via) }
  throw new ServiceError('SERVICE_TARGET', "a rule's target is { via: '192.0.2.1:54325' }, 'delay' or 'drop'")
}
