/** The rules that a controller has told a host, in the host's table. What others have added there stays. */
import { parseAddress } from '../link/address.ts'
import { LinkError } from '../link/errors.ts'
import type { Host } from '../sal/host.ts'
import type { Listener } from '../sal/listener.ts'
import { ServiceError } from '../sal/serviceErrors.ts'
import { servicePrefixOf } from '../sal/serviceId.ts'
import type { Target } from '../sal/serviceTable.ts'
import type { RuleTarget } from './messages.ts'

export class HostRules {
  /** Rules that the table did not take. */
  refused = 0
  readonly #host: Host
  readonly #told = new Map<string, readonly RuleTarget[]>()
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

  /** These targets, and no others of the controller's, are the prefix's. */
  set(prefix: string, targets: readonly RuleTarget[]): void {
    this.#old.delete(prefix)
    const before = this.#told.get(prefix) ?? []
    const kept = new Set(targets.map(nameOf))
    for (const target of before) if (!kept.has(nameOf(target))) this.#remove(prefix, target)
    for (const target of targets) this.#add(prefix, target)
    if (targets.length > 0) this.#told.set(prefix, targets)
    else this.#told.delete(prefix)
  }

  #add(prefix: string, target: RuleTarget): void {
    try {
      const { priority, weight } = target
      const real = targetOf(target)
      // What is here is led to by its listener, and by nothing when that is closed.
      if (real.kind === 'forward' && this.#host.addresses.includes(real.address)) return
      this.#host.services.add(servicePrefixOf(prefix), real, priority, weight)
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof LinkError)) throw error
      this.refused++
    }
  }

  #remove(prefix: string, target: RuleTarget): void {
    try {
      this.#host.services.remove(servicePrefixOf(prefix), targetOf(target))
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof LinkError)) throw error
    }
  }
}

const nameOf = ({ kind, address = '' }: RuleTarget): string => `${kind} ${address}`

const targetOf = ({ kind, address = '' }: RuleTarget): Target<Listener> =>
  kind === 'forward' ? { kind, address: parseAddress(address) } : { kind }
