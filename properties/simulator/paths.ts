/**
 * The paths between hosts, each direction by itself: whether they are cut, and how much they carry. Packets take their path
 * last, after the faults of the receiver's link.
 */

import { Impairment, NO_FAULTS } from '../../impl/link/impairment.ts'
import type { Address, Clock, Datagram } from '../../impl/link/link.ts'
import { addressNumber, hostAt } from './station.ts'

/** One direction between two hosts. */
interface Line {
  isCut: boolean
  /** Addresses of the receiver, by number, that hear nothing. */
  readonly deaf: Set<number>
  /** Bytes of the longest packet that passes. */
  width: number
  /** The queue before a slow line. */
  queue: Impairment | undefined
}

/** The rate of a path, and the most bytes that wait for it. A full queue drops later packets. */
export interface Rate {
  readonly bytesPerSecond: number
  readonly queueBytes: number
}

type Deliver = (batch: readonly Datagram[]) => void

/** More than there are stations. */
const STATIONS = 128

export class Paths {
  readonly #clock: Clock
  /** By receiver. */
  readonly #deliver: (host: number) => Deliver
  readonly #lines = new Map<number, Line>()
  /** Numbers of networks that carry nothing. */
  readonly #dark = new Set<number>()

  constructor(clock: Clock, deliver: (host: number) => Deliver) {
    this.#clock = clock
    this.#deliver = deliver
  }

  /** Packets reach a host, unless their path is cut, too narrow or full. */
  pass(to: number, batch: readonly Datagram[]): void {
    if (this.#lines.size === 0 && this.#dark.size === 0) {
      this.#deliver(to)(batch)
      return
    }
    const passing: Datagram[] = []
    for (const datagram of batch) {
      const line = this.#lines.get(hostAt(datagram.from) * STATIONS + to)
      if (this.#isDark(datagram) || (line !== undefined && !fits(line, datagram))) continue
      if (line?.queue === undefined) passing.push(datagram)
      else line.queue.pass([datagram])
    }
    if (passing.length > 0) this.#deliver(to)(passing)
  }

  /** True if packets of `from` reach the address of another host. */
  carries(from: Address, to: Address, host = hostAt(to)): boolean {
    if (this.#isDark({ from, to })) return false
    const line = this.#lines.get(hostAt(from) * STATIONS + host)
    return line === undefined || (!line.isCut && !line.deaf.has(addressNumber(to)))
  }

  /** Neither host hears the other. */
  cut(one: number, other: number): void {
    for (const line of this.#both(one, other)) line.isCut = true
  }

  /** An address of `host` hears nothing from `from`, and `from` hears the host. */
  deafen(host: number, address: number, from: number): void {
    this.#line(from, host).deaf.add(address)
  }

  heal(one: number, other: number): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const line = this.#lines.get(from * STATIONS + to)
      if (line === undefined) continue
      line.isCut = false
      line.deaf.clear()
    }
  }

  narrow(one: number, other: number, bytes: number): void {
    for (const line of this.#both(one, other)) line.width = bytes
  }

  /** Each direction gets a queue of its own. */
  throttle(one: number, other: number, rate: Rate): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const line = this.#line(from, to)
      line.queue ??= new Impairment(
        () => 0,
        this.#clock,
        () => false,
        batch => this.#deliver(to)(batch),
      )
      line.queue.set({ ...NO_FAULTS, ...rate })
    }
  }

  /** A network, that of all addresses with this number, goes or comes back. */
  darken(network: number, isDark: boolean): void {
    if (isDark) this.#dark.add(network)
    else this.#dark.delete(network)
  }

  isNetworkDark(network: number): boolean {
    return this.#dark.has(network)
  }

  #isDark({ from, to }: Pick<Datagram, 'from' | 'to'>): boolean {
    return this.#dark.size > 0 && (this.#dark.has(addressNumber(from)) || this.#dark.has(addressNumber(to)))
  }

  #line(from: number, to: number): Line {
    const key = from * STATIONS + to
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    const line = { isCut: false, deaf: new Set<number>(), width: Number.POSITIVE_INFINITY, queue: undefined }
    this.#lines.set(key, line)
    return line
  }

  #both(one: number, other: number): readonly Line[] {
    return [this.#line(one, other), this.#line(other, one)]
  }
}

const fits = ({ isCut, deaf, width }: Line, { to, bytes }: Datagram): boolean =>
  !isCut && bytes.length <= width && (deaf.size === 0 || !deaf.has(addressNumber(to)))
