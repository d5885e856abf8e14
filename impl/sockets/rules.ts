/** The rules of a stack, as programs write and read them. docs/services.md explains them. */

import type { Listener } from '../host/flows/listener.ts'
import { ServiceError } from '../host/services/serviceErrors.ts'
import { SERVICE_BITS, servicePrefixOf } from '../host/services/serviceId.ts'
import type { ServiceRule, Target } from '../host/services/serviceTable.ts'
import { parseDestination, printAddress } from '../link/address.ts'
import type { Driver } from './driver.ts'

/** What happens to first packets: they go to an address such as `192.0.2.1:54325`, they wait, or they are dropped. */
export type RuleTarget = { readonly via: string } | 'delay' | 'drop'

/** The options of a rule. */
export interface RuleOptions {
  /** Among rules for the same prefix, the highest decides. Default: the existing rule's, or 1. */
  readonly priority?: number | undefined
  /** The share among rules of the same priority; 0 gets no new flows. Default: the existing rule's, or 1. */
  readonly weight?: number | undefined
  /** Removes the rule after this long without being chosen. Default: never. */
  readonly idleMs?: number
  /** Removes the rule after this long in any case. Default: never. */
  readonly hardMs?: number
}

/** A rule at the time of listing. `hardMs` is the remaining time; Infinity means never. */
export interface StackRule extends Required<RuleOptions> {
  /** `acme/*`, or `acme/echo` with 256 bits if its listener serves one service. */
  readonly prefix: string
  readonly bits: number
  readonly target: RuleTarget | 'demux'
  /** True if it does not cover keyed services: its listener serves the prefix without a key. */
  readonly isPlain: boolean
  /** First packets for which it was chosen, their bytes, and how many of them were dropped. */
  readonly packets: number
  readonly bytes: number
  readonly drops: number
}

/** The rules by which a stack finds services, as its program and operators see them. */
export class Rules {
  readonly #driver: Driver

  /** Calls `expired` with rules that have expired, after their removal. */
  constructor(driver: Driver, expired: (rules: readonly StackRule[]) => void) {
    this.#driver = driver
    driver.host.onExpired = rules => {
      this.#review()
      expired(rules.map(rule => this.#told(rule)))
    }
  }

  /**
   * Adds a rule for all services whose names begin with `prefix`: `acme` for `acme/echo`, `*` for all. Prefix and
   * target identify a rule. If it exists, it gets the new options, and keeps its priority and weight unless they are
   * given. Connections waiting for such a service continue, unless the new rule says to wait. Throws a ServiceError,
   * LINK_ADDRESS.
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
        `'${prefix}' leads back to this host at ${printAddress(real.address)}: give another address`,
      )
    const now = this.#driver.now()
    host.services.add(named, real, priority, weight, { now, idleMs, hardMs })
    this.#review()
  }

  /**
   * Returns the rule that decides instead of this one: for the same prefix with a higher priority, or for the exact
   * service that the prefix names. Undefined if this rule takes effect. Throws a ServiceError, LINK_ADDRESS.
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

  /** Removes the rule with this prefix and target. Returns false if there is none. Throws a ServiceError, LINK_ADDRESS. */
  remove(prefix: string, target: RuleTarget): boolean {
    const isRemoved = this.#driver.host.services.remove(servicePrefixOf(prefix), targetOf(target))
    this.#review()
    return isRemoved
  }

  /** Returns all rules in search order, including those of listeners. */
  list(): readonly StackRule[] {
    return this.#driver.host.services.rules().map(rule => this.#told(rule))
  }

  /** The rules have changed: continues connections that no longer have to wait. */
  #review(): void {
    const { host } = this.#driver
    const now = this.#driver.now()
    for (const service of host.delays.services())
      if (host.services.explain(service, 0)?.target.kind !== 'delay') host.delays.answered(service, now)
    this.#driver.kick()
  }

  #told({ prefix, target, endMs, ...rule }: ServiceRule<Listener>): StackRule {
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
