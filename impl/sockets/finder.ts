/** Looks up services for sockets: immediately, or, if the rule says to wait, once a controller has answered. */
import { must } from '../../checker/text/at.ts'
import { FULL, NO_ANSWER, NO_CONTROLLER, NO_SERVICE, WAITED } from '../../spec/machines/resolution/reasons.ts'
import { SalError } from '../host/errors.ts'
import type { Choose, Seeking } from '../host/flows/seeker.ts'
import type { Delayed } from '../host/paths/delays.ts'
import { bestAddress } from '../host/paths/mobility.ts'
import { type RandomSource, randomFraction } from '../host/random/random.ts'
import { amongAll, amongRules } from '../host/services/route.ts'
import { isIPv4, NO_ADDRESS } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { addressOn } from './addressChoice.ts'
import { deferred } from './deferred.ts'
import { addressesIn, addressesOf } from './destinations.ts'
import type { Driver } from './driver.ts'
import { type SocketErrorCode, socketError } from './errors.ts'
import { serviceOf, serviceText } from './services.ts'
import type { Sources } from './sources.ts'
import type { Route } from './stackOptions.ts'

/** Where the first packet of a flow goes, and from which local address. */
export interface FirstPath {
  readonly to: Address
  readonly from: Address
  /** Where to send repetitions of the SYN; absent if only one host can answer. */
  readonly seeking?: Seeking
  /** The same in the other address family, if the destination has both. */
  readonly other?: FirstPath
}

/** Called once, with an error or the path. */
export type Found = (error: Error | undefined, path: FirstPath) => void

/** Doubtful addresses that a connect passes over. If all are doubtful, it begins with the first. */
const MOST_PASSED_OVER = 16

const NO_PATH: FirstPath = { to: 0, from: 0 }

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
    if (route.via === undefined) {
      this.#lookUp(route, syscall, found, false)
      return
    }
    const via = [route.via].flat()
    const addresses = addressesIn(via)
    if (addresses !== undefined) this.#seek(amongAll(addresses), route, syscall, found)
    else void this.#ask(via, route, syscall, found)
  }

  /** Asks DNS for the destinations, and begins with the first that this host can reach. */
  async #ask(via: readonly string[], route: Route, syscall: string, found: Found): Promise<void> {
    this.#driver.hold()
    try {
      const all = await addressesOf(via, syscall)
      const routed: Address[] = []
      for (const to of all) if (await this.#isRouted(to)) routed.push(to)
      this.#inFamilies(routed.length > 0 ? routed : all, route, syscall, found)
    } catch (error) {
      found(error as Error, NO_PATH)
    } finally {
      this.#driver.release()
    }
  }

  /** Finds a path in the family of the first address, and one in the other family. */
  #inFamilies(all: readonly Address[], route: Route, syscall: string, found: Found): void {
    const [near, far] = [true, false].map(isNear =>
      all.filter(to => (isIPv4(to) === isIPv4(all[0] ?? 0)) === isNear),
    )
    this.#seek(amongAll(near ?? []), route, syscall, (error, path) => {
      if (error !== undefined || !far?.length || route.from !== undefined) found(error, path)
      else
        this.#seek(amongAll(far), route, syscall, (failure, other) =>
          found(undefined, failure === undefined ? { ...path, other } : path),
        )
    })
  }

  /** Resolves to whether this host has an address, and a route, from which it reaches `to`. */
  #isRouted(to: Address): Promise<boolean> {
    const { addresses } = this.#driver.host
    if (this.#sources === undefined) return Promise.resolve(bestAddress(addresses, to) !== NO_ADDRESS)
    const { promise, resolve } = deferred<boolean>()
    this.#sources.rank(addresses, to, ranked => resolve(bestAddress(ranked, to) !== NO_ADDRESS))
    return promise
  }

  #lookUp(route: Route, syscall: string, found: Found, hasWaited: boolean): void {
    const { services, addresses } = this.#driver.host
    const service = serviceOf(route.service)
    const pick = randomFraction(this.#random)
    const target = services.resolve(service, pick, 0, 0, this.#driver.now())
    if (target?.kind === 'delay') this.#wait(route, syscall, found, hasWaited)
    else if (target?.kind === 'forward')
      this.#seek(amongRules(services, service, pick), route, syscall, found)
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
        later(() => found(socketError(code, syscall, { service, ...(sentence && { sentence }) }), NO_PATH))
      },
    }
    driver.host.delays.add(serviceOf(route.service), 0, waiting, driver.now())
    driver.kick()
  }

  /** Begins with the first address that has not been silent lately. */
  #seek(choose: Choose, route: Route, syscall: string, found: Found): void {
    const { doubts } = this.#driver.host
    const isDoubtful = (to: Address): boolean => doubts.has(to, this.#driver.now())
    let attempt = 0
    while (attempt < MOST_PASSED_OVER && isDoubtful(choose(attempt, []))) attempt++
    if (attempt === MOST_PASSED_OVER) attempt = 0
    this.#reach(choose(attempt, []), route, syscall, found, { choose, attempt })
  }

  #reach(
    to: Address | undefined,
    { service, from }: Route,
    syscall: string,
    found: Found,
    seeking?: Seeking,
  ): void {
    const details = { service: serviceText(service) }
    if (to === undefined) {
      const cause = new SalError('SAL_NO_ROUTE', 'no rule matches')
      found(socketError('ENOTFOUND', syscall, { ...details, cause }), NO_PATH)
      return
    }
    const { addresses } = this.#driver.host
    const tell = (local: Address): void => {
      if (local !== 0) found(undefined, { to, from: local, ...(seeking && this.#from(local, to, seeking)) })
      else found(socketError(from === undefined ? 'ENETUNREACH' : 'EADDRNOTAVAIL', syscall, details), NO_PATH)
    }
    if (from !== undefined) tell(addressOn(addresses, from))
    else if (this.#sources === undefined) tell(bestAddress(addresses, to))
    else this.#sources.rank(addresses, to, ranked => tell(bestAddress(ranked, to)))
  }

  /** Repetitions leave from the same address: those that it does not reach go to `to`. A broadcast has no others. */
  #from(local: Address, to: Address, { choose, attempt }: Seeking): { readonly seeking?: Seeking } {
    if (this.#driver.host.places.isBroadcast(to)) return {}
    const near: Choose = (attempt, refused) => {
      const next = choose(attempt, refused)
      const isReached = next === NO_ADDRESS || bestAddress([local], next) !== NO_ADDRESS
      return isReached ? next : refused.includes(to) ? NO_ADDRESS : to
    }
    return { seeking: { choose: near, attempt } }
  }
}
