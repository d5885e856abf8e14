/** Where services are, as sockets ask: at once, or, where a rule says to wait, when somebody knows. */
import { parseAddress } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import type { DelayFailure } from '../sal/delays.ts'
import { SalError } from '../sal/errors.ts'
import { bestAddress } from '../sal/mobility.ts'
import { type RandomSource, randomFraction } from '../sal/random.ts'
import type { Driver } from './driver.ts'
import { type SocketErrorCode, socketError } from './errors.ts'
import { addressOn } from './places.ts'
import { serviceOf, serviceText } from './services.ts'
import type { Route } from './stackOptions.ts'

/** Where a service is, and from where it is reached. */
export interface Way {
  readonly to: Address
  readonly from: Address
}

/** Told once: an error, or the way. */
export type Found = (error: Error | undefined, way: Way) => void

const NO_WAY: Way = { to: 0, from: 0 }

const FAILURES: Readonly<Record<DelayFailure, readonly [SocketErrorCode, string | undefined]>> = {
  unanswered: ['ENOTFOUND', 'there is no such service; see its name, or start its server'],
  'timed out': ['ETIMEDOUT', 'nobody said in time where the service is; connect again'],
  lost: ['ENOTFOUND', 'who was asked where the service is has gone; connect again'],
  full: ['ENOBUFS', undefined],
}

export class Finder {
  readonly #driver: Driver
  readonly #random: RandomSource

  constructor(driver: Driver, random: RandomSource) {
    this.#driver = driver
    this.#random = random
  }

  /**
   * Calls back before it returns, but where the rule for the service says to wait: then when that has an end. Tells
   * ENOTFOUND, ENETUNREACH, EADDRNOTAVAIL, ETIMEDOUT, ENOBUFS. Throws LINK_ADDRESS.
   */
  find(route: Route, syscall: string, found: Found): void {
    const to = route.via === undefined ? this.#lookUp(route) : parseAddress(route.via)
    if (to === 'delay') this.#wait(route, syscall, found)
    else this.#reach(to, route, syscall, found)
  }

  #wait(route: Route, syscall: string, found: Found): void {
    const driver = this.#driver
    driver.hold()
    // Not while the host is at work.
    const later = (run: () => void): void => {
      driver.release()
      driver.put({ isDue: false, run })
    }
    const waiting = {
      resume: () =>
        later(() => {
          const to = this.#lookUp(route)
          this.#reach(to === 'delay' ? undefined : to, route, syscall, found)
        }),
      fail: (why: DelayFailure) =>
        later(() => {
          const [code, sentence] = FAILURES[why]
          const service = serviceText(route.service)
          found(socketError(code, syscall, { service, ...(sentence && { sentence }) }), NO_WAY)
        }),
    }
    driver.host.delays.add(serviceOf(route.service), 0, waiting, driver.now())
    driver.kick()
  }

  #lookUp({ service }: Route): Address | 'delay' | undefined {
    const { services, addresses } = this.#driver.host
    const target = services.resolve(serviceOf(service), randomFraction(this.#random))
    if (target?.kind === 'forward') return target.address
    if (target?.kind === 'demux') return addresses[0]
    return target?.kind === 'delay' ? 'delay' : undefined
  }

  #reach(to: Address | undefined, { service, from }: Route, syscall: string, found: Found): void {
    const details = { service: serviceText(service) }
    if (to === undefined) {
      const cause = new SalError('SAL_NO_ROUTE', 'no rule matches')
      found(socketError('ENOTFOUND', syscall, { ...details, cause }), NO_WAY)
      return
    }
    const { addresses } = this.#driver.host
    const local = from === undefined ? bestAddress(addresses, to) : addressOn(addresses, from)
    if (local !== 0) found(undefined, { to, from: local })
    else found(socketError(from === undefined ? 'ENETUNREACH' : 'EADDRNOTAVAIL', syscall, details), NO_WAY)
  }
}
