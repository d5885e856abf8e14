/** Moves a stack's flows when its addresses change, as its mobility says. */
import type { Flow } from '../host/flows/flow.ts'
import { alternatives, type Mobility, moveTo } from '../host/paths/mobility.ts'
import type { Address } from '../link/link.ts'
import type { PathReason } from './channels.ts'
import type { Connection } from './connection.ts'
import type { Driver } from './driver.ts'
import { addressOf } from './flowKeeper.ts'
import { PathRace } from './pathRace.ts'
import type { Sources } from './sources.ts'

/** How long a flow whose address is gone waits for a route from another one, ms. Routes follow addresses soon. */
const ROUTE_WAIT_MS = 100

export class Mover {
  readonly #driver: Driver
  readonly #connections: Iterable<Connection>
  readonly #mobility: Mobility
  /** Undefined if the order of the stack's addresses decides. */
  readonly #sources: Sources | undefined
  /** Flows that look for another path, because theirs is gone or has fallen silent. */
  readonly #races = new Map<Flow, PathRace>()
  #timer: NodeJS.Timeout | undefined

  constructor(driver: Driver, connections: Iterable<Connection>, mobility: Mobility, sources?: Sources) {
    this.#driver = driver
    this.#connections = connections
    this.#mobility = mobility
    this.#sources = sources
    if (mobility === 'failover') driver.host.onSilentPath = this.#seek
  }

  /** The host's addresses are no longer those before. Flows whose address has returned retransmit at once. */
  follow(before: readonly Address[]): void {
    const { host, now } = this.#driver
    this.#sources?.forget()
    for (const connection of this.#connections) {
      const local = addressOf(connection.flow)
      if (host.addresses.includes(local) && !before.includes(local)) host.retry(connection.flow, now())
      connection.follow()
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
    for (const connection of this.#connections)
      if (connection.flow === flow && !((connection.set?.flows.size ?? 0) > 1))
        this.#race(connection, others, 'path silent')
  }

  #race(connection: Connection, others: readonly Address[], reason: PathReason): void {
    const { flow } = connection
    this.#races.get(flow)?.stop()
    const race = new PathRace(connection, others, reason, () => this.#races.delete(flow))
    this.#races.set(flow, race)
    race.next()
  }

  readonly #moveAll = (): void => {
    const { addresses } = this.#driver.host
    for (const connection of this.#connections)
      if (!this.#mayMove(connection)) continue
      else if (this.#sources === undefined) this.#move(connection, addresses)
      else
        this.#sources.rank(addresses, connection.flow.peer, ranked => {
          if (ranked.length > 0) this.#move(connection, ranked)
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

  #mayMove(connection: Connection): boolean {
    if (this.#mobility === 'stay' || !connection.flow.isLive || connection.isLeaving) return false
    return this.#mobility === 'best' || !this.#driver.host.addresses.includes(addressOf(connection.flow))
  }

  #move(connection: Connection, ranked: readonly Address[]): void {
    const { host } = this.#driver
    // The flow, or the host, may have moved on meanwhile.
    const there = ranked.filter(address => host.addresses.includes(address))
    if (!this.#mayMove(connection)) return
    const local = addressOf(connection.flow)
    const target = moveTo(this.#mobility, there, local, connection.flow.peer)
    if (target === 0) return
    if (there.includes(local)) connection.migrate(target, 'better address').catch(() => {})
    else this.#race(connection, [target, ...there.filter(address => address !== target)], 'address gone')
  }
}
