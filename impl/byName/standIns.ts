/**
 * IPv4 addresses that stand for services, for programs that look a host up before they connect. An address that was used
 * long ago may stand for another service later.
 */
import { must } from '../../checker/text/at.ts'
import { socketError } from '../sockets/errors.ts'

/** Addresses from `first` on, as numbers. */
export interface AddressRange {
  readonly first: number
  readonly size: number
}

/** Inside one process they are loopback addresses, so that a packet which is sent to one by mistake stays on the machine. */
const OF_THIS_PROCESS: AddressRange = { first: 127 * 2 ** 24 + 83 * 2 ** 16, size: 2 ** 16 }

/** Services at once. A name and its address take about 200 bytes. */
const SERVICES_LIMIT = 2 ** 17

/** Programs cache addresses; few cache one that they have not used for so long, ms. */
const REUSED_AFTER_MS = 3_600_000

interface StandIn {
  readonly address: string
  usedMs: number
}

export class StandIns {
  readonly #first: number
  readonly #most: number
  readonly #now: () => number
  /** By service. The one that was used longest ago comes first. */
  readonly #standIns = new Map<string, StandIn>()
  readonly #services = new Map<string, string>()

  /** `now` is a clock in ms. The first and the last address of the range stand for nothing. */
  constructor(range: AddressRange = OF_THIS_PROCESS, now: () => number = () => performance.now()) {
    this.#first = range.first + 1
    this.#most = Math.min(range.size - 2, SERVICES_LIMIT)
    this.#now = now
  }

  /** Returns the address that stands for a service from now on. Throws ENOBUFS. */
  addressOf(service: string): string {
    const { address } = this.#use(service) ?? this.#add(service)
    return address
  }

  /** Returns the service that an address stands for; undefined for other addresses. */
  serviceOf(address: string): string | undefined {
    const service = this.#services.get(address.replace(/^::ffff:/, ''))
    if (service !== undefined) this.#use(service)
    return service
  }

  #use(service: string): StandIn | undefined {
    const standIn = this.#standIns.get(service)
    if (standIn === undefined) return undefined
    standIn.usedMs = this.#now()
    this.#standIns.delete(service)
    this.#standIns.set(service, standIn)
    return standIn
  }

  #add(service: string): StandIn {
    const count = this.#standIns.size
    const address = count < this.#most ? printIpv4(this.#first + count) : this.#takeOldest()
    const standIn = { address, usedMs: this.#now() }
    this.#standIns.set(service, standIn)
    this.#services.set(address, service)
    return standIn
  }

  /** Returns the address that was used longest ago. */
  #takeOldest(): string {
    const [service, { address, usedMs }] = must(this.#standIns.entries().next().value)
    if (this.#now() - usedMs < REUSED_AFTER_MS)
      throw socketError('ENOBUFS', 'lookup', {
        sentence: `${this.#most} services have been looked up lately`,
      })
    this.#standIns.delete(service)
    return address
  }
}

const printIpv4 = (number: number): string =>
  [24, 16, 8, 0].map(shift => Math.floor(number / 2 ** shift) % 256).join('.')

/** Returns the range of `198.18.0.0/15`, with 8 to 24 bits; undefined if the text is none. */
export function addressRangeOf(text: string): AddressRange | undefined {
  const [, ...digits] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text) ?? []
  const [bits = 0, ...parts] = digits.map(Number).reverse()
  if (bits < 8 || bits > 24 || parts.some(part => part > 255)) return undefined
  const size = 2 ** (32 - bits)
  const first = parts.reduceRight((sum, part) => 256 * sum + part, 0)
  return first % size === 0 ? { first, size } : undefined
}
