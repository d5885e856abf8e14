/** Which hosts may register and resolve which names, as an operator has told the controller. The longest prefix decides. */
import { BlockList, isIP } from 'node:net'
import { isWithin } from '../../host/services/grant.ts'
import {
  printPrefix,
  SERVICE_BITS,
  type ServicePrefix,
  servicePrefixOf,
} from '../../host/services/serviceId.ts'
import { addSubnet, familyOf } from '../../link/subnets.ts'
import { PlaneError } from '../errors.ts'
import { bitsOf, Prefixes } from '../prefixes.ts'

/** The hosts that may do something: names of tokens, addresses, and networks such as `10.0.0.0/8`. Omitted: all hosts. */
export interface AccessLists {
  readonly register?: readonly string[]
  readonly resolve?: readonly string[]
}

/** A host, as its controller knows it. */
export interface KnownHost {
  /** Without a port. */
  readonly host: string
  /** The name of its token. */
  readonly hostName: string | undefined
}

/** Prefixes with lists. */
const ACCESS_LIMIT = 4096

type Name = Pick<ServicePrefix, 'id' | 'bits'>

class Members {
  readonly prefix: ServicePrefix
  readonly #names = new Set<string>()
  readonly #networks = new BlockList()

  /** `known`: the names of tokens. Throws CONTROLLER_KEYS. */
  constructor(prefix: ServicePrefix, members: readonly string[], known: ReadonlySet<string>) {
    this.prefix = prefix
    for (const member of members)
      if (known.has(member)) this.#names.add(member)
      else if (isIP(member) !== 0) this.#networks.addAddress(member, familyOf(member))
      else if (!addSubnet(this.#networks, member))
        throw new PlaneError(
          'CONTROLLER_KEYS',
          `'${member.slice(0, 80)}' is neither the name of a token nor a network; write one of tokens, or 10.0.0.0/8`,
        )
  }

  has({ host, hostName }: KnownHost): boolean {
    if (hostName !== undefined && this.#names.has(hostName)) return true
    return this.#networks.check(host, familyOf(host))
  }
}

export class Access {
  readonly #register = new Prefixes<Members>()
  readonly #registering: readonly Members[]
  readonly #resolve = new Prefixes<Members>()
  /** All hosts may resolve all names. */
  readonly isResolveOpen: boolean

  /** `known`: the names of tokens. Throws a ServiceError, CONTROLLER_KEYS. */
  constructor(lists: Readonly<Record<string, AccessLists>>, known: ReadonlySet<string>) {
    const all = Object.entries(lists)
    if (all.length > ACCESS_LIMIT)
      throw new PlaneError(
        'CONTROLLER_KEYS',
        `${all.length} prefixes have lists; give at most ${ACCESS_LIMIT}`,
      )
    const registering: Members[] = []
    for (const [text, { register, resolve }] of all) {
      const prefix = servicePrefixOf(text)
      if (register !== undefined) {
        const members = new Members(prefix, register, known)
        registering.push(members)
        this.#register.add(printPrefix(prefix), members)
      }
      if (resolve !== undefined) this.#resolve.add(printPrefix(prefix), new Members(prefix, resolve, known))
    }
    this.#registering = registering
    this.isResolveOpen = all.every(([, { resolve }]) => resolve === undefined)
  }

  /** All hosts may register all names. */
  get isRegisterOpen(): boolean {
    return this.#registering.length === 0
  }

  /** Returns the prefix whose list keeps a host from registering a name, or from attracting flows of names below it. */
  deniedFor(host: KnownHost, name: Name): ServicePrefix | undefined {
    if (this.isRegisterOpen) return undefined
    const above = longest(this.#register, name)
    if (above.some(members => !members.has(host))) return above[0]?.prefix
    if (name.bits === SERVICE_BITS) return undefined
    const below = this.#registering.find(
      members => members.prefix.bits > name.bits && isWithin(members.prefix, name) && !members.has(host),
    )
    return below?.prefix
  }

  /** True if a host may learn where a service, or a prefix, given by its digits, is. */
  mayResolve(host: KnownHost, id: string): boolean {
    return (
      this.isResolveOpen || longest(this.#resolve, servicePrefixOf(id)).every(members => members.has(host))
    )
  }
}

/** Returns the lists of the longest prefix that covers a name: all of them, if it is written in several ways. */
function longest(lists: Prefixes<Members>, { id, bits }: Name): Members[] {
  const found = lists.above(id).find(one => bitsOf(one) <= bits)
  return found === undefined ? [] : [...lists.at(found)]
}
