/** What a controller makes of registrations and of operators' rules: who has a service, and what a host is told of it. */
import { covers, SERVICE_BITS, servicePrefixOf } from '../host/services/serviceId.ts'
import { DELAY_PRIORITY } from '../host/services/serviceTable.ts'
import type { Ledger } from './ledger.ts'
import type { RulesAnswer, RuleTarget } from './messages.ts'
import type { Networks } from './networks.ts'
import { isOffered, targetsFor } from './policy.ts'
import { bitsOf } from './prefixes.ts'

/** What a host is told depends on it. */
interface Standpoint {
  /** It is told all. */
  readonly isRouter: boolean
  /** It has asked for the service. */
  readonly isAsked: boolean
}

export class Resolver<Peer> {
  readonly #ledger: Ledger<Peer>
  readonly #networks: Networks
  readonly #starts: ReadonlyMap<string, string>

  /** `starts`: digits of the services and prefixes that there are commands for, and their names. */
  constructor(ledger: Ledger<Peer>, networks: Networks, starts: ReadonlyMap<string, string> = new Map()) {
    this.#ledger = ledger
    this.#networks = networks
    this.#starts = starts
  }

  /**
   * The longest of what is registered that stands for a service and takes new flows; undefined: there is none, or a command
   * is to start what has a longer prefix.
   */
  find(service: Uint8Array): string | undefined {
    const { registrations, standing } = this.#ledger
    const found = registrations.above(service).find(id => isOffered(registrations.bound(id), standing))
    return found !== undefined && this.#isAsLong(found, service) ? found : undefined
  }

  /** Whether it is as long as the prefix of any command for the service. */
  #isAsLong(found: string, service: Uint8Array): boolean {
    const bits = bitsOf(found)
    return [...this.#starts.keys()].every(id => bitsOf(id) <= bits || !covers(servicePrefixOf(id), service))
  }

  /** What a host of this network is told of a service or a prefix: of a service that it has not asked for, operators' rules. */
  rules(id: string, network: number, { isRouter, isAsked }: Standpoint): RulesAnswer {
    const { registrations, standing } = this.#ledger
    const isPrefix = bitsOf(id) < SERVICE_BITS
    const registered = registrations.bound(id)[0]?.service
    const targets = isRouter
      ? this.#at(id, network)
      : isPrefix || !isAsked
        ? [...standing.targets(id), ...this.#delays(id)]
        : this.#asked(id, network)
    // A name says the same as the digits of a prefix, and not those of a service.
    const prefix = standing.nameOf(id) ?? registered ?? this.#starts.get(id) ?? id
    if (isPrefix) return { type: 'rules', prefix, targets }
    return { type: 'rules', prefix: id, targets, ...(registered !== undefined && { name: registered }) }
  }

  /** All that is known for exactly this: tables look for the longest themselves. */
  #at(id: string, network: number): RuleTarget[] {
    const { registrations, standing } = this.#ledger
    const own = targetsFor(registrations.bound(id), standing, this.#networks, network)
    const ruled = standing.targets(id)
    const [there, isRuled] = [addressesOf(own), addressesOf(ruled)]
    // Who listens at a prefix has no key. What an operator says is for all.
    const isPlain = bitsOf(id) < SERVICE_BITS
    return [
      ...own.map(one => (isPlain && !isRuled.has(one.address) ? { ...one, plain: true } : one)),
      ...ruled.filter(({ address }) => address === undefined || !there.has(address)),
      ...(isOffered(registrations.bound(id), standing) ? [] : this.#delays(id)),
    ]
  }

  /** What a command starts is waited for, though a shorter prefix leads elsewhere. */
  #delays(id: string): RuleTarget[] {
    return this.#starts.has(id) ? [{ kind: 'delay', priority: DELAY_PRIORITY, weight: 1 }] : []
  }

  /**
   * Who has the longest prefix of a service that was asked for, as if that were the service's own: the host does not know
   * of longer ones, and is told when there is one. Operators' prefixes it knows.
   */
  #asked(id: string, network: number): RuleTarget[] {
    const service = Buffer.from(id, 'hex')
    const found = this.find(service)
    const isLongest = found !== undefined && bitsOf(found) >= this.#ledger.standing.longest(service)
    return this.#at(isLongest ? found : id, network)
  }
}

const addressesOf = (targets: readonly RuleTarget[]) => new Set(targets.map(({ address }) => address))
