/** One UDP socket at one local address. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  type Address,
  fromParts,
  hold,
  hostOf,
  isIPv4,
  NO_ADDRESS,
  portOf,
  printAddress,
  release,
  withPort,
} from './address.ts'
import type { Counters } from './counters.ts'
import { LinkError } from './errors.ts'

/**
 * The most datagrams that wait inside Node because the socket's send buffer is full. As long as an Ethernet card's
 * queue in Linux, which also drops the excess.
 */
export const MAX_QUEUED = 1024

export interface SocketOptions {
  /** Allows sending to a broadcast address. */
  readonly isBroadcasting?: boolean
  /** Allows other sockets at the same address: only for a socket that receives broadcasts. */
  readonly isShared?: boolean
  readonly receiveBufferBytes: number
  readonly sendBufferBytes: number
}

/** Maps the system's codes. All others become LINK_REFUSED. */
const BIND_CODES: Readonly<Record<string, keyof typeof ADVICE>> = {
  EADDRINUSE: 'LINK_IN_USE',
  EADDRNOTAVAIL: 'LINK_NO_ADDRESS',
  // Linux reports this for an IPv6 address of link scope without its zone.
  EINVAL: 'LINK_NO_ADDRESS',
  ENOTFOUND: 'LINK_NO_ADDRESS',
}

const ADVICE = {
  LINK_IN_USE: 'another socket uses it; close that socket, or choose another port (0 for any)',
  LINK_NO_ADDRESS: 'this machine does not have that address; `ip address` lists its addresses',
  LINK_REFUSED: 'the system refuses a socket there',
}

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'

/** Turns a failed bind into an error for the link's user. */
export function bindError(address: Address, error: Error): LinkError {
  const code = BIND_CODES[codeOf(error)] ?? 'LINK_REFUSED'
  const detail = code === 'LINK_REFUSED' ? ` (${codeOf(error)})` : ''
  return new LinkError(code, `${printAddress(address)}: ${ADVICE[code]}${detail}`)
}

/** The resolver of the socket, which Node calls for every datagram. Destinations are IP addresses, so it returns them unchanged. */
const returnHost = (
  host: string,
  family: number,
  callback: (error: null, host: string, family: number) => void,
): void => callback(null, host, family)

/** For `createSocket`, whose types describe the resolver of TCP; with dgram, Node passes a number as `family`. */
export const noLookup = returnHost as never

/** Rejects with the system's error, from the bind or from buffer sizes that it refuses. */
async function bind(socket: Socket, address: Address): Promise<void> {
  const listening = once(socket, 'listening')
  // Not shared with other processes of a cluster: an address belongs to one host's stack.
  socket.bind({ port: portOf(address), address: hostOf(address), exclusive: true })
  await listening
}

export class UdpSocket {
  /** With the system's port, if the given one was 0. */
  readonly address: Address
  readonly #socket: Socket
  readonly #counters: Counters
  readonly #isIPv4: boolean
  /** Datagrams waiting inside Node. */
  #waiting = 0
  /** Whether to ask Node for the result of the next datagram, and its last answer. */
  #asks = true
  #isRefused = false
  /** The last destination; most datagrams go where the last one went. */
  #to: Address = NO_ADDRESS
  #host = ''
  #port = 0
  /** Where the last datagram came from. */
  #from: Address = NO_ADDRESS
  #fromHost = ''
  #fromPort = 0

  private constructor(address: Address, socket: Socket, counters: Counters) {
    this.address = address
    this.#socket = socket
    this.#counters = counters
    this.#isIPv4 = isIPv4(address)
    hold(address)
  }

  /** Resolves when bound. Rejects with LINK_IN_USE, LINK_NO_ADDRESS, LINK_REFUSED. */
  static async open(address: Address, options: SocketOptions, counters: Counters): Promise<UdpSocket> {
    const v4 = isIPv4(address)
    const socket = createSocket({
      type: v4 ? 'udp4' : 'udp6',
      ipv6Only: !v4,
      reuseAddr: options.isShared ?? false,
      lookup: noLookup,
      recvBufferSize: options.receiveBufferBytes,
      sendBufferSize: options.sendBufferBytes,
    })
    try {
      await bind(socket, address)
      if (v4) socket.setBroadcast(options.isBroadcasting ?? false)
    } catch (error) {
      socket.close()
      throw bindError(address, error as Error)
    }
    return new UdpSocket(withPort(address, socket.address().port), socket, counters)
  }

  /**
   * The listener runs in the turn of the event loop that read the datagram. `from` is 0 if the address table has no
   * room for the sender.
   */
  listen(listener: (from: Address, to: Address, bytes: Uint8Array) => void): void {
    const to = this.address
    this.#socket.on('message', (bytes: Uint8Array, info: RemoteInfo) =>
      listener(this.#sender(info), to, bytes),
    )
    this.#socket.on('error', error => this.#countError(error))
  }

  /** Never throws; counts the system's errors. */
  send(to: Address, bytes: Uint8Array): void {
    const counters = this.#counters
    if (to !== this.#to || to === NO_ADDRESS) {
      const host = hostOf(to)
      const port = portOf(to)
      // Node throws for port 0.
      if (to === NO_ADDRESS || isIPv4(to) !== this.#isIPv4 || port === 0 || host === '') {
        counters.noWay++
        return
      }
      // Not for IPv6: the table may give the host another number later.
      if (this.#isIPv4) this.#to = to
      this.#host = host
      this.#port = port
      this.#asks = true
    }
    if (this.#waiting >= MAX_QUEUED && this.#look() >= MAX_QUEUED) {
      counters.queueFull++
      return
    }
    counters.sent++
    counters.sentBytes += bytes.length
    this.#waiting++
    this.#socket.send(bytes, this.#port, this.#host, this.#asks ? this.#sent : undefined)
    this.#asks = this.#isRefused
  }

  /** Most datagrams come from where the last one came from. Not cached for IPv6: the table may have evicted the host. */
  #sender({ address, port }: RemoteInfo): Address {
    if (port === this.#fromPort && address === this.#fromHost) return this.#from
    const from = fromParts(address, port)
    if (this.#isIPv4) {
      this.#fromHost = address
      this.#fromPort = port
      this.#from = from
    }
    return from
  }

  /** Ends a batch. Returns true if nothing waits to be sent, so that all memory given to `send` is free again. */
  settle(): boolean {
    this.#asks = true
    return this.#waiting === 0 || this.#look() === 0
  }

  #look(): number {
    this.#waiting = this.#socket.getSendQueueCount()
    return this.#waiting
  }

  /**
   * Node reports send errors only to a callback, which runs in a turn of its own and costs a tenth of the sending.
   * Therefore the socket asks only about the first datagram of a batch to each destination, and about all while errors
   * occur.
   */
  readonly #sent = (error: Error | null): void => {
    this.#isRefused = error !== null
    if (error !== null) this.#countError(error)
  }

  #countError(error: Error): void {
    const { errors } = this.#counters
    const code = codeOf(error)
    errors[code] = (errors[code] ?? 0) + 1
  }

  /** Allows sending to a broadcast address. IPv6 has none. */
  broadcast(): void {
    if (this.#isIPv4) this.#socket.setBroadcast(true)
  }

  ref(): void {
    this.#socket.ref()
  }

  unref(): void {
    this.#socket.unref()
  }

  /** Nothing is delivered after the call. Resolves when the port is free. */
  close(): Promise<void> {
    release(this.address)
    this.#socket.removeAllListeners('message')
    return new Promise(resolve => this.#socket.close(resolve))
  }
}
