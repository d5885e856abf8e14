/** Moves a stack's flows when its addresses change, as its mobility says. */
import type { Flow } from '../host/flows/flow.ts'
import { alternatives, type Mobility, moveTo } from '../host/paths/mobility.ts'
import { Returns } from '../host/paths/returns.ts'
import { NO_ADDRESS } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import type { PathReason } from './channels.ts'
import type { Driver } from './driver.ts'
import { addressOf } from './flowKeeper.ts'
import type { Handle } from './handle.ts'
import { PathRace } from './pathRace.ts'
import type { Sources } from './sources.ts'

/** How long a flow whose address is gone waits for a route from another one, ms. Routes follow addresses soon. */
const ROUTE_WAIT_MS = 100

/** The memory of one flow of the addresses that it has left. */
interface Away {
  readonly returns: Returns
  /** Cancels the timer for the next return. */
  cancel?: (() => void) | undefined
}

export class Mover {
  readonly #driver: Driver
  readonly #handles: Iterable<Handle>
  readonly #mobility: Mobility
  /** Undefined if the order of the stack's addresses decides. */
  readonly #sources: Sources | undefined
  /** Flows that look for another path, because theirs is gone or has fallen silent. */
  readonly #races = new Map<Flow, PathRace>()
  /** Flows that may return to a better address, with mobility `best`. */
  readonly #away = new WeakMap<Flow, Away>()
  #timer: NodeJS.Timeout | undefined

  constructor(driver: Driver, handles: Iterable<Handle>, mobility: Mobility, sources?: Sources) {
    this.#driver = driver
    this.#handles = handles
    this.#mobility = mobility
    this.#sources = sources
    if (mobility === 'failover' || mobility === 'best') driver.host.onSilentPath = this.#seek
  }

  /** The host's addresses are no longer those before. Flows whose address has returned retransmit at once. */
  follow(before: readonly Address[]): void {
    const { host, now } = this.#driver
    this.#sources?.forget()
    for (const handle of this.#handles) {
      const local = addressOf(handle.flow)
      if (host.addresses.includes(local) && !before.includes(local)) host.retry(handle.flow, now())
      this.#followReturns(handle, before)
      handle.follow()
    }
    this.#moveAll()
    this.#driver.kick()
  }

  stop(): void {
    clearTimeout(this.#timer)
    for (const race of [...this.#races.values()]) race.stop()
  }

  /** Nothing has answered the flow for some time: tries its host's other addresses. */
  readonly #seek = (flow: Flow): void => {
    if (this.#races.has(flow) || flow.isMoving) return
    const others = alternatives(this.#driver.host.addresses, flow.local, flow.peer)
    // With several flows, the others carry the data.
    for (const handle of this.#handles)
      if (handle.flow === flow && !((handle.set?.flows.size ?? 0) > 1))
        this.#race(handle, others, 'path silent')
  }

  #race(handle: Handle, others: readonly Address[], reason: PathReason): void {
    const { flow } = handle
    const { local } = flow
    this.#races.get(flow)?.stop()
    const race = new PathRace(handle, others, reason, () => {
      this.#races.delete(flow)
      if (reason === 'path silent' && flow.local !== local) this.#left(handle, local)
    })
    this.#races.set(flow, race)
    race.next()
  }

  /** The flow has left an address, or has tried in vain to return to it. */
  #left(handle: Handle, address: Address): void {
    if (this.#mobility !== 'best') return
    const { host, now } = this.#driver
    const { flow } = handle
    const away = this.#away.get(flow) ?? { returns: new Returns(host.limits.returnMs) }
    this.#away.set(flow, away)
    away.returns.left(address, now(), host.chance())
    this.#await(handle, away)
  }

  /** Addresses have gone, or have come back. */
  #followReturns(handle: Handle, before: readonly Address[]): void {
    const { host, now } = this.#driver
    const local = addressOf(handle.flow)
    if (before.includes(local) && !host.addresses.includes(local)) this.#left(handle, local)
    const away = this.#away.get(handle.flow)
    if (away === undefined) return
    for (const address of host.addresses)
      if (!before.includes(address)) away.returns.appeared(address, now(), host.chance())
    this.#await(handle, away)
  }

  /** Considers the flow again when it may return somewhere. */
  #await(handle: Handle, away: Away): void {
    const nowMs = this.#driver.now()
    const nextMs = away.returns.nextMs(nowMs)
    away.cancel?.()
    away.cancel =
      nextMs === Infinity
        ? undefined
        : this.#driver.later(nextMs - nowMs, () => {
            this.#consider(handle)
            this.#await(handle, away)
          })
  }

  readonly #moveAll = (): void => {
    for (const handle of this.#handles) this.#consider(handle)
  }

  /** Moves a flow if its mobility says so. */
  #consider(handle: Handle): void {
    const { addresses } = this.#driver.host
    if (!this.#mayMove(handle)) return
    if (this.#sources === undefined) this.#move(handle, addresses)
    else
      this.#sources.rank(addresses, handle.flow.peer, ranked => {
        if (ranked.length > 0) this.#move(handle, ranked)
        else this.#later()
      })
  }

  /** The system has no route yet. */
  #later(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#sources?.forget()
      this.#moveAll()
    }, ROUTE_WAIT_MS).unref()
  }

  #mayMove({ flow, isLeaving }: Handle): boolean {
    if (this.#mobility === 'stay' || !flow.isLive || isLeaving) return false
    const isThere = this.#driver.host.addresses.includes(addressOf(flow))
    return !isThere || (this.#mobility === 'best' && !this.#races.has(flow))
  }

  #move(handle: Handle, ranked: readonly Address[]): void {
    const { host, now } = this.#driver
    const { flow } = handle
    // The flow, or the host, may have moved on meanwhile.
    const there = ranked.filter(address => host.addresses.includes(address))
    if (!this.#mayMove(handle)) return
    const local = addressOf(flow)
    const returns = this.#away.get(flow)?.returns
    const mayReturn = (address: Address): boolean => (returns?.dueMs(address) ?? 0) <= now()
    if (there.includes(local)) {
      const fit = there.filter(address => address === local || mayReturn(address))
      const target = moveTo(this.#mobility, fit, local, flow.peer)
      if (target !== NO_ADDRESS) this.#improve(handle, target)
      return
    }
    const trusted = there.toSorted((a, b) => Number(mayReturn(b)) - Number(mayReturn(a)))
    const target = moveTo(this.#mobility, trusted, local, flow.peer)
    if (target !== NO_ADDRESS)
      this.#race(handle, [target, ...trusted.filter(address => address !== target)], 'address gone')
  }

  #improve(handle: Handle, target: Address): void {
    handle.migrate(target, 'better address').catch(({ code }: NodeJS.ErrnoException) => {
      if (code === 'EHOSTUNREACH') this.#left(handle, target)
    })
  }
}
