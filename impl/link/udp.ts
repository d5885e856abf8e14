/**
 * Datagrams over UDP: one socket per local address, so that the local address of every datagram is known.
 *
 * Node reads at most 32 datagrams of a socket in one turn of its event loop, and calls back for each; the link collects
 * those of one turn into a batch. Node tries to send immediately, and queues only what the system cannot take yet.
 */
import { type Address, hostOf, NO_ADDRESS, printAddress, staysLocal } from './address.ts'
import { type Counters, newCounters } from './counters.ts'
import { LinkError } from './errors.ts'
import { freeBytes } from './freeBytes.ts'
import { InterfaceWatch, type WatchOptions } from './interfaces.ts'
import type { Datagram, Link } from './link.ts'
import { DEFAULT_MTU, MAX_MTU } from './link.ts'
import { type SocketOptions, UdpSocket } from './udpSocket.ts'

export interface UdpOptions {
  /** Local addresses, best first. Port 0 means any free port. May be empty: `add` brings them later. */
  readonly addresses: readonly Address[]
  /** Bytes after the UDP header. Default `DEFAULT_MTU`. */
  readonly mtu?: number
  /** The same for a destination on this machine. Default: `mtu`. */
  readonly localMtu?: number
  /** Requested sizes; the system may grant less (Linux: net.core.rmem_max, net.core.wmem_max). */
  readonly receiveBufferBytes?: number
  readonly sendBufferBytes?: number
  /** Also follows the machine's addresses. */
  readonly watch?: WatchOptions
}

/** A burst of a fast flow's window while the process collects garbage: 25 ms at 1 Gb/s. */
const BUFFER_BYTES = 4 * 1024 * 1024

/** The largest value that the system's calls take: a signed 32-bit number. */
const MAX_BUFFER_BYTES = 2 ** 31 - 1

/** Sockets of one link. A host has a handful of interfaces. */
const MAX_ADDRESSES = 256

/** A wildcard hides the local address of each datagram. */
const isWildcard = (address: Address): boolean => ['0.0.0.0', '::', ''].includes(hostOf(address))

/** As many as Node reads from a socket in one turn. */
const MOST_SPARE = 32

type Arrived = { -readonly [Key in keyof Datagram]-?: Datagram[Key] }

export class UdpLink implements Link {
  readonly mtu: number
  readonly #localMtu: number
  readonly counters: Counters = newCounters()
  readonly #options: { readonly receiveBufferBytes: number; readonly sendBufferBytes: number }
  readonly #sockets = new Map<Address, UdpSocket>()
  /** Sockets at broadcast addresses. Nothing leaves from them. */
  readonly #ears = new Map<Address, UdpSocket>()
  #listener: ((batch: readonly Datagram[]) => void) | undefined
  #changed: ((addresses: readonly Address[]) => void) | undefined
  #arrived: Arrived[] = []
  /** Spent datagram objects, for reuse. */
  readonly #spare: Arrived[] = []
  #isClosed = false
  #holdsProcess = true
  #watch: InterfaceWatch | undefined
  /** The socket of the last datagram sent; the next one will most likely use it too. */
  #last: UdpSocket | undefined

  constructor(options: Omit<UdpOptions, 'addresses' | 'watch'> = {}) {
    const { mtu = DEFAULT_MTU, localMtu = mtu } = options
    const { receiveBufferBytes = BUFFER_BYTES, sendBufferBytes = BUFFER_BYTES } = options
    for (const bytes of [mtu, localMtu])
      if (!(bytes >= 1 && bytes <= MAX_MTU))
        throw new LinkError('LINK_OPTION', `an MTU of ${bytes} is out of range; give 1 to ${MAX_MTU} bytes`)
    for (const size of [receiveBufferBytes, sendBufferBytes])
      if (!(Number.isInteger(size) && size >= 1 && size <= MAX_BUFFER_BYTES))
        throw new LinkError(
          'LINK_OPTION',
          `a buffer of ${size} bytes is out of range; give 1 to ${MAX_BUFFER_BYTES}`,
        )
    this.mtu = mtu
    this.#localMtu = localMtu
    this.#options = { receiveBufferBytes, sendBufferBytes }
  }

  addresses(): readonly Address[] {
    return [...this.#sockets.keys()]
  }

  /** The longest datagram in bytes from one address to another. */
  mtuBetween(from: Address, to: Address): number {
    return staysLocal(from, to) ? this.#localMtu : this.mtu
  }

  /**
   * Opens a socket at the address, last in preference. Resolves to the address, with the system's port if the given one
   * was 0. Rejects with LINK_IN_USE, LINK_NO_ADDRESS, LINK_REFUSED, LINK_OPTION, LINK_CLOSED.
   */
  async add(address: Address): Promise<Address> {
    if (address === NO_ADDRESS || isWildcard(address))
      throw new LinkError(
        'LINK_NO_ADDRESS',
        `${printAddress(address)} stands for several addresses; name each one`,
      )
    if (this.#sockets.size >= MAX_ADDRESSES)
      throw new LinkError('LINK_OPTION', `a link has at most ${MAX_ADDRESSES} addresses; remove one first`)
    const socket = await this.#open(address, { isBroadcasting: this.#ears.size > 0 })
    this.#sockets.set(socket.address, socket)
    this.#changed?.(this.addresses())
    return socket.address
  }

  /**
   * Also receives datagrams sent to a broadcast address, such as `192.0.2.255:54325`, which other processes may share,
   * and lets IPv4 sockets send to one. Rejects as `add` does.
   */
  async hear(broadcast: Address): Promise<void> {
    if (this.#ears.has(broadcast)) return
    this.#ears.set(broadcast, await this.#open(broadcast, { isShared: true }))
    for (const socket of this.#sockets.values()) socket.broadcast()
  }

  async #open(address: Address, more: Partial<SocketOptions>): Promise<UdpSocket> {
    const socket = await UdpSocket.open(address, { ...this.#options, ...more }, this.counters)
    if (this.#isClosed) {
      await socket.close()
      throw new LinkError('LINK_CLOSED', 'the link was closed while it opened a socket; open another link')
    }
    socket.listen(this.#hear)
    if (!this.#holdsProcess) socket.unref()
    return socket
  }

  /** All open sockets. */
  #all(): readonly UdpSocket[] {
    return [...this.#sockets.values(), ...this.#ears.values()]
  }

  /** Resolves when the port is free. Does nothing if the link lacks the address. */
  async remove(address: Address): Promise<void> {
    const socket = this.#sockets.get(address)
    if (socket === undefined) return
    this.#sockets.delete(address)
    this.#last = undefined
    this.#changed?.(this.addresses())
    await socket.close()
  }

  /** Resolves after the first poll. Throws LINK_OPTION. */
  async watch(options: WatchOptions): Promise<void> {
    await this.#watch?.stop()
    this.#watch = new InterfaceWatch(this, options)
    if (!this.#holdsProcess) this.#watch.unref()
    await this.#watch.look()
  }

  /** Polls the machine's addresses at another interval, ms, if the link follows them. */
  pace(intervalMs: number): void {
    this.#watch?.pace(intervalMs)
  }

  /** Polls the machine's addresses now, if the link follows them. */
  async look(): Promise<void> {
    await this.#watch?.look()
  }

  send(batch: readonly Datagram[]): boolean {
    const { counters } = this
    for (let i = 0; i < batch.length; i++) {
      const { from, to, bytes } = batch[i] as Datagram
      let socket = this.#last
      if (socket === undefined || socket.address !== from) {
        socket = this.#sockets.get(from)
        this.#last = socket
      }
      if (this.#isClosed) counters.closed++
      else if (bytes.length > this.mtu && bytes.length > this.mtuBetween(from, to)) counters.tooLong++
      else if (socket === undefined) counters.notLocal++
      else socket.send(to, bytes)
    }
    let isIdle = true
    for (const socket of this.#sockets.values()) if (!socket.settle()) isIdle = false
    return isIdle
  }

  receive(listener: (batch: readonly Datagram[]) => void): void {
    this.#listener = listener
  }

  changed(listener: (addresses: readonly Address[]) => void): void {
    this.#changed = listener
  }

  /** Uses the check phase, which follows the phase that reads sockets. A microtask would run after every single datagram. */
  readonly #hear = (from: Address, to: Address, bytes: Uint8Array): void => {
    if (from === NO_ADDRESS) {
      this.counters.unheard++
      return
    }
    this.counters.received++
    this.counters.receivedBytes += bytes.length
    if (this.#arrived.push(this.#datagram(from, to, bytes)) === 1) setImmediate(this.#deliver)
  }

  #datagram(from: Address, to: Address, bytes: Uint8Array): Arrived {
    const spare = this.#spare.pop()
    if (spare === undefined) return { from, to, bytes, isSpent: false }
    spare.from = from
    spare.to = to
    spare.bytes = bytes
    spare.isSpent = false
    return spare
  }

  readonly #deliver = (): void => {
    const batch = this.#arrived
    this.#arrived = []
    if (this.#isClosed) return
    if (this.#listener === undefined) this.counters.unheard += batch.length
    else this.#listener(batch)
    for (let i = 0; i < batch.length; i++) if ((batch[i] as Arrived).isSpent) this.#reuse(batch[i] as Arrived)
  }

  #reuse(datagram: Arrived): void {
    freeBytes(datagram.bytes)
    if (this.#spare.length < MOST_SPARE) this.#spare.push(datagram)
  }

  /** Whether open sockets keep the process alive, as in Node. Initially they do. */
  ref(): void {
    this.#holdsProcess = true
    this.#watch?.ref()
    for (const socket of this.#all()) socket.ref()
  }

  unref(): void {
    this.#holdsProcess = false
    this.#watch?.unref()
    for (const socket of this.#all()) socket.unref()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const sockets = this.#all()
    this.#sockets.clear()
    this.#ears.clear()
    this.#last = undefined
    await Promise.all([this.#watch?.stop(), ...sockets.map(socket => socket.close())])
  }
}

/** Rejects as `UdpLink.add` and `watch` do, and then leaves no socket open. */
export async function openUdp({ addresses, watch, ...options }: UdpOptions): Promise<UdpLink> {
  const link = new UdpLink(options)
  try {
    for (const address of addresses) await link.add(address)
    if (watch !== undefined) await link.watch(watch)
  } catch (error) {
    await link.close()
    throw error
  }
  return link
}
