/** The rules that a controller has told a host, in the host's table. What others have added there stays. */

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
import { parseAddress } from '../link/address.ts'
import { LinkError } from '../link/errors.ts'
import type { RuleTarget } from './messages.ts'

export class HostRules {
  /** Rules that the table did not take. */
  refused = 0
  readonly #host: Host
  /** By the digits of their prefixes. */
  readonly #told = new Map<string, readonly RuleTarget[]>()
  /** How often the rules of a prefix had been chosen, and when that was seen to change. */
  readonly #uses = new Map<string, { readonly count: number; readonly atMs: number }>()
  /** Prefixes that another connection has told, and this one not yet. */
  #old = new Set<string>()

  constructor(host: Host) {
    this.#host = host
  }

  /** How many rules there are of the controller's. */
  get size(): number {
    return [...this.#told.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** There is a new connection: what is there now stays until it is told anew, or known to be gone. */
  begin(): void {
    this.#old = new Set(this.#told.keys())
  }

  /** All was told, but what was asked for, which is answered one by one. */
  complete(asked: ReadonlySet<string>): void {
    for (const prefix of this.#old) if (!asked.has(prefix)) this.set(prefix, [])
    this.#old.clear()
  }

  /** These targets, and no others of the controller's, are the prefix's; `name` is what people call a service. */
  set(text: string, targets: readonly RuleTarget[], name?: string): void {
    const prefix = named(prefixOf(text, servicePrefixOf), name)
    const id = prefix === undefined ? '' : printPrefix(prefix)
    if (prefix === undefined || (!this.#told.has(id) && this.#told.size >= RULES_LIMIT)) {
      this.refused++
      return
    }
    this.#old.delete(id)
    const before = this.#told.get(id) ?? []
    const kept = new Set(targets.map(nameOf))
    for (const target of before) if (!kept.has(nameOf(target))) this.#remove(prefix, target)
    for (const target of targets) this.#add(prefix, target)
    if (targets.length > 0) this.#told.set(id, targets)
    else this.#told.delete(id)
  }

  /** Prefixes of which no rule was chosen for `idleMs`, as far as those who ask now and then can see. */
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
      // What is here is led to by its listener, and by nothing when that is closed.
      if (real.kind === 'forward' && this.#host.addresses.includes(real.address)) return
      this.#host.services.add(prefix, real, priority, weight, { isPlain })
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof LinkError)) throw error
      this.refused++
    }
  }

  #remove(prefix: ServicePrefix, target: RuleTarget): void {
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

/** Under that name, if it means the same. */
function named(prefix: ServicePrefix | undefined, name: string | undefined): ServicePrefix | undefined {
  if (prefix === undefined || name === undefined) return prefix
  const other = prefixOf(name, listenedPrefixOf)
  return other !== undefined && printPrefix(other) === printPrefix(prefix) ? other : prefix
}

const nameOf = ({ kind, address = '' }: RuleTarget): string => `${kind} ${address}`

const targetOf = ({ kind, address = '' }: RuleTarget): Target<Listener> =>
  kind === 'forward' ? { kind, address: parseAddress(address) } : { kind }
