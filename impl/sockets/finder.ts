/** Looks up services for sockets: immediately, or, if the rule says to wait, once a controller has answered. */
import { must } from '../../checker/text/at.ts'
import { FULL, NO_ANSWER, NO_CONTROLLER, NO_SERVICE, WAITED } from '../../spec/machines/resolution/reasons.ts'
import { SalError } from '../host/errors.ts'
import type { Delayed } from '../host/paths/delays.ts'
import { bestAddress } from '../host/paths/mobility.ts'
import { type RandomSource, randomFraction } from '../host/random/random.ts'
import { parseDestination } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { addressOn } from './addressChoice.ts'
import type { Driver } from './driver.ts'
import { type SocketErrorCode, socketError } from './errors.ts'
import { serviceOf, serviceText } from './services.ts'
import type { Sources } from './sources.ts'
import type { Route } from './stackOptions.ts'

/** The address of a service, and the local address from which to reach it. */
export interface Way {
  readonly to: Address
  readonly from: Address
}

/** Called once, with an error or the way. */
export type Found = (error: Error | undefined, way: Way) => void

const NO_WAY: Way = { to: 0, from: 0 }

/** By reason of spec/machines/resolution: a code, and a sentence if it is not the code's own. */
const FAILURES: Readonly<Record<number, readonly [code: SocketErrorCode, sentence?: string]>> = {
  [WAITED]: ['ENOTFOUND'],
  [FULL]: ['ENOBUFS'],
  [NO_SERVICE]: ['ENOTFOUND', 'there is no such service; correct its name, or start its server'],
  [NO_ANSWER]: ['ETIMEDOUT', 'no controller answered in time; connect again'],
  [NO_CONTROLLER]: ['ENOTFOUND', 'the controller is gone; connect again'],
}

export class Finder {
  readonly #driver: Driver
  readonly #random: RandomSource
  readonly #sources: Sources | undefined

  /** `sources`: undefined if the order of the stack's addresses decides from where to connect. */
  constructor(driver: Driver, random: RandomSource, sources?: Sources) {
    this.#driver = driver
    this.#random = random
    this.#sources = sources
  }

  /**
   * Calls back before it returns, unless the rule for the service says to wait, or the system is asked for the route. Reports
   * ENOTFOUND, ENETUNREACH, EADDRNOTAVAIL, ETIMEDOUT, ENOBUFS. Throws LINK_ADDRESS.
   */
  find(route: Route, syscall: string, found: Found): void {
    if (route.via === undefined) this.#lookUp(route, syscall, found, false)
    else this.#reach(parseDestination(route.via), route, syscall, found)
  }

  #lookUp(route: Route, syscall: string, found: Found, hasWaited: boolean): void {
    const { services, addresses } = this.#driver.host
    const target = services.resolve(
      serviceOf(route.service),
      randomFraction(this.#random),
      0,
      0,
      this.#driver.now(),
    )
    if (target?.kind === 'delay') this.#wait(route, syscall, found, hasWaited)
    else if (target?.kind === 'forward') this.#reach(target.address, route, syscall, found)
    else this.#reach(target?.kind === 'demux' ? addresses[0] : undefined, route, syscall, found)
  }

  #wait(route: Route, syscall: string, found: Found, hasWaited: boolean): void {
    const driver = this.#driver
    const service = serviceText(route.service)
    driver.hold()
    // Deferred, because the host is working now.
    const later = (run: () => void): void => {
      driver.release()
      driver.put({ isDue: false, run })
    }
    const waiting: Delayed = {
      source: undefined,
      hasWaited,
      resume: () => later(() => this.#lookUp(route, syscall, found, true)),
      fail: reason => {
        const [code, sentence] = must(FAILURES[reason])
        later(() => found(socketError(code, syscall, { service, ...(sentence && { sentence }) }), NO_WAY))
      },
    }
    driver.host.delays.add(serviceOf(route.service), 0, waiting, driver.now())
    driver.kick()
  }

  #reach(to: Address | undefined, { service, from }: Route, syscall: string, found: Found): void {
    const details = { service: serviceText(service) }
    if (to === undefined) {
      const cause = new SalError('SAL_NO_ROUTE', 'no rule matches')
      found(socketError('ENOTFOUND', syscall, { ...details, cause }), NO_WAY)
      return
    }
    const { addresses } = this.#driver.host
    const tell = (local: Address): void => {
      if (local !== 0) found(undefined, { to, from: local })
      else found(socketError(from === undefined ? 'ENETUNREACH' : 'EADDRNOTAVAIL', syscall, details), NO_WAY)
    }
    if (from !== undefined) tell(addressOn(addresses, from))
    else if (this.#sources === undefined) tell(bestAddress(addresses, to))
    else this.#sources.rank(addresses, to, ranked => tell(bestAddress(ranked, to)))
  }
}
