/** The controller's rules in a host's table. Rules added by others stay untouched. */

import type { Listener } from '../host/flows/listener.ts'
import type { Host } from '../host/host.ts'
import { ServiceError } from '../host/services/serviceErrors.ts'
import {
  listenedPrefixOf,
  printPrefix,
  type ServicePrefix,
  servicePrefixOf,
} from '../host/services/serviceId.ts'
import { RULES_LIMIT, type Target } from '../host/services/serviceTable.ts'
import { parseAddress, printAddress } from '../link/address.ts'
import { LinkError } from '../link/errors.ts'
import type { Address } from '../link/link.ts'
import type { ChangeAnswer, RuleTarget } from './messages.ts'
import { targetName } from './views.ts'

export class HostRules {
  /** Rules that the table refused. */
  refused = 0
  readonly #host: Host
  /** Addresses of this host that others use. */
  readonly #advertised: readonly string[]
  /** By the digits of their prefixes. */
  readonly #told = new Map<string, readonly RuleTarget[]>()
  /** How often the rules of a prefix were chosen, and when that count last changed. */
  readonly #uses = new Map<string, { readonly count: number; readonly atMs: number }>()
  /** Prefixes known from an earlier connection and not yet confirmed by this one. */
  #old = new Set<string>()
  /** Of those, prefixes for which this connection's controller knows no targets yet. Undefined once it is complete. */
  #unsure: Set<string> | undefined

  constructor(host: Host, advertised: readonly string[] = []) {
    this.#host = host
    this.#advertised = advertised
  }

  /** The number of rules from the controller. */
  get size(): number {
    return [...this.#told.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** A new connection: existing rules stay until the controller sends others, or is complete. */
  begin(): void {
    this.#old = new Set(this.#told.keys())
    this.#unsure = new Set()
  }

  /** The controller has sent everything, except for services asked for, which it answers one by one. */
  complete(asked: ReadonlySet<string>): void {
    const unsure = this.#unsure
    this.#unsure = undefined
    for (const prefix of this.#old) if (!asked.has(prefix) || unsure?.has(prefix)) this.set(prefix, [])
    this.#old.clear()
  }

  /** Sets the controller's targets of a prefix; `name` is the service's readable name. */
  set(text: string, targets: readonly RuleTarget[], name?: string): void {
    const prefix = named(prefixOf(text, servicePrefixOf), name)
    const id = prefix === undefined ? '' : printPrefix(prefix)
    if (prefix === undefined || (!this.#told.has(id) && this.#told.size >= RULES_LIMIT)) {
      this.refused++
      return
    }
    if (this.#unsure !== undefined && targets.length === 0 && this.#old.has(id)) {
      this.#unsure.add(id)
      return
    }
    this.#old.delete(id)
    const before = this.#told.get(id) ?? []
    const kept = new Set(targets.map(targetName))
    for (const target of before) if (!kept.has(targetName(target))) this.#remove(prefix, target)
    for (const target of targets) this.#add(prefix, target)
    if (targets.length > 0) this.#told.set(id, targets)
    else this.#told.delete(id)
  }

  /** Changes targets that the controller has sent before. The host may have forgotten the prefix meanwhile. */
  change({ prefix: text, targets, gone }: Omit<ChangeAnswer, 'type'>): void {
    const prefix = prefixOf(text, servicePrefixOf)
    const before = prefix === undefined ? undefined : this.#told.get(printPrefix(prefix))
    if (prefix === undefined || before === undefined) return
    const over = new Set([...targets, ...gone].map(targetName))
    for (const target of gone) this.#remove(prefix, target)
    for (const target of targets) this.#add(prefix, target)
    this.#told.set(printPrefix(prefix), [...before.filter(one => !over.has(targetName(one))), ...targets])
  }

  /** Returns prefixes without a chosen rule for `idleMs`, as far as the periodic checks can tell. */
  unused(now: number, idleMs: number): string[] {
    for (const prefix of this.#uses.keys()) if (!this.#told.has(prefix)) this.#uses.delete(prefix)
    return [...this.#told.keys()].filter(prefix => {
      const count = this.#host.services.uses(servicePrefixOf(prefix))
      const seen = this.#uses.get(prefix)
      if (seen?.count === count) return now - seen.atMs >= idleMs
      this.#uses.set(prefix, { count, atMs: now })
      return false
    })
  }

  #add(prefix: ServicePrefix, target: RuleTarget): void {
    try {
      const { priority, weight, plain: isPlain = false } = target
      const real = targetOf(target)
      // A local service is the business of its listener.
      if (real.kind === 'forward' && this.#isOwn(real.address)) return
      this.#host.services.add(prefix, real, priority, weight, { isPlain })
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof LinkError)) throw error
      this.refused++
    }
  }

  #isOwn(address: Address): boolean {
    return this.#host.addresses.includes(address) || this.#advertised.includes(printAddress(address))
  }

  #remove(prefix: ServicePrefix, target: Pick<RuleTarget, 'kind' | 'address'>): void {
    try {
      this.#host.services.remove(prefix, targetOf(target))
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof LinkError)) throw error
    }
  }
}

function prefixOf(text: string, read: (text: string) => ServicePrefix): ServicePrefix | undefined {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof ServiceError) return undefined
    throw error
  }
}

/** Returns the prefix under that name if it means the same. */
function named(prefix: ServicePrefix | undefined, name: string | undefined): ServicePrefix | undefined {
  if (prefix === undefined || name === undefined) return prefix
  const other = prefixOf(name, listenedPrefixOf)
  return other !== undefined && printPrefix(other) === printPrefix(prefix) ? other : prefix
}

const targetOf = ({ kind, address = '' }: Pick<RuleTarget, 'kind' | 'address'>): Target<Listener> =>
  kind === 'forward' ? { kind, address: parseAddress(address) } : { kind }
