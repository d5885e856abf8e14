/** Combines registrations and operators' rules: which instances a service has, and which rules a host gets. */
import { covers, SERVICE_BITS, servicePrefixOf } from '../host/services/serviceId.ts'
import { DELAY_PRIORITY } from '../host/services/serviceTable.ts'
import type { Ledger } from './ledger.ts'
import type { RulesAnswer, RuleTarget } from './messages.ts'
import type { Networks } from './networks.ts'
import { isOffered, targetsFor } from './policy.ts'
import { bitsOf } from './prefixes.ts'
import type { InstanceRecord } from './records.ts'

/** The properties of a host that decide which rules it gets. */
interface Standpoint {
  /** It gets all rules. */
  readonly isRouter: boolean
  /** It has asked for the service. */
  readonly isAsked: boolean
}

export class Resolver<Peer> {
  readonly #ledger: Ledger<Peer>
  readonly #networks: Networks
  readonly #starts: ReadonlyMap<string, string>

  /** `starts`: the services and prefixes with commands, from their digits to their names. */
  constructor(ledger: Ledger<Peer>, networks: Networks, starts: ReadonlyMap<string, string> = new Map()) {
    this.#ledger = ledger
    this.#networks = networks
    this.#starts = starts
  }

  /**
   * Returns the longest registered id that covers a service and accepts new flows. Undefined if there is none, or a
   * command with a longer prefix should start the service.
   */
  find(service: Uint8Array): string | undefined {
    const { registrations, standing } = this.#ledger
    const found = registrations.known
      .above(service)
      .find(id => isOffered(registrations.known.bound(id), standing))
    return found !== undefined && this.#isAsLong(found, service) ? found : undefined
  }

  /** Returns the instances of the longest registered id that covers a service, also those that drain. */
  instances(service: Uint8Array): { readonly id: string; readonly records: InstanceRecord[] } | undefined {
    const { registrations } = this.#ledger
    const [id] = registrations.known.above(service)
    return id === undefined ? undefined : { id, records: registrations.known.bound(id) }
  }

  /** True if it is at least as long as the prefix of any command for the service. */
  #isAsLong(found: string, service: Uint8Array): boolean {
    const bits = bitsOf(found)
    return [...this.#starts.keys()].every(id => bitsOf(id) <= bits || !covers(servicePrefixOf(id), service))
  }

  /**
   * Returns the rules of a service or prefix for a host of this network; for a service that it has not asked for, only
   * operators' rules.
   */
  rules(id: string, network: number, { isRouter, isAsked }: Standpoint): RulesAnswer {
    const { registrations, standing } = this.#ledger
    const isPrefix = bitsOf(id) < SERVICE_BITS
    // A host that gets none of the instances need not know their name.
    const registered = isRouter || isAsked ? registrations.known.bound(id)[0]?.service : undefined
    const targets = isRouter
      ? this.#at(id, network)
      : isPrefix || !isAsked
        ? [...standing.targets(id), ...this.#delays(id)]
        : this.#asked(id, network)
    // For a prefix the name is equivalent to the digits; for a service it is not.
    const prefix = standing.nameOf(id) ?? registered ?? this.#starts.get(id) ?? id
    if (isPrefix) return { type: 'rules', prefix, targets }
    return { type: 'rules', prefix: id, targets, ...(registered !== undefined && { name: registered }) }
  }

  /** Returns all targets for exactly this id: tables find the longest prefix themselves. */
  #at(id: string, network: number): RuleTarget[] {
    const { registrations, standing } = this.#ledger
    const own = targetsFor(registrations.known.bound(id), standing, this.#networks, network)
    const ruled = standing.targets(id)
    const [there, isRuled] = [addressesOf(own), addressesOf(ruled)]
    // A listener at a prefix has no key. An operator's rule is for all services.
    const isPlain = bitsOf(id) < SERVICE_BITS
    return [
      ...own.map(one => (isPlain && !isRuled.has(one.address) ? { ...one, plain: true } : one)),
      ...ruled.filter(({ address }) => address === undefined || !there.has(address)),
      ...(isOffered(registrations.known.bound(id), standing) ? [] : this.#delays(id)),
    ]
  }

  /** Packets wait for a service that a command starts, even if a shorter prefix leads elsewhere. */
  #delays(id: string): RuleTarget[] {
    return this.#starts.has(id) ? [{ kind: 'delay', priority: DELAY_PRIORITY, weight: 1 }] : []
  }

  /**
   * Returns the targets of the longest prefix that covers a service asked for, as if they were the service's own. The
   * host does not know registered prefixes, and is notified when a longer one appears. It does know operators'
   * prefixes.
   */
  #asked(id: string, network: number): RuleTarget[] {
    const service = Buffer.from(id, 'hex')
    const found = this.find(service)
    const isLongest = found !== undefined && bitsOf(found) >= this.#ledger.standing.longest(service)
    return this.#at(isLongest ? found : id, network)
  }
}

const addressesOf = (targets: readonly RuleTarget[]) => new Set(targets.map(({ address }) => address))
