/**
 * Joins sockets of `net` to streams of Serval inside the process. A program keeps its own `net.Socket`, which TLS and
 * drivers need: it connects to a listener on loopback, and what it carries continues in the stream.
 *
 * Every program of the machine can connect to that listener. A connection counts only if it comes from the port of a
 * socket of this process, which no other program can have at the same time; all others are cut.
 */
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import type { Socket } from '../sockets/socket.ts'
import { SPLICED, splice } from '../sockets/splice.ts'

/** How long an accepted connection may wait for the socket that it belongs to, ms: both are in this process. */
const STRANGER_MS = 1000

/** Accepted connections that wait. More only come from strangers. */
const MOST_WAITING = 1024

export const LOOPBACK = '127.0.0.1'

interface Expected {
  readonly own: net.Socket
  readonly stream: Socket
}

export class Meeting {
  readonly #server = net.createServer(SPLICED, accepted => this.#accept(accepted))
  /** Streams, and the sockets that they belong to, by the port of the socket of this process that carries their bytes. */
  readonly #expected = new Map<number, Expected>()
  readonly #waiting = new Map<number, net.Socket>()

  /** Resolves to the meeting when sockets can connect to it. It keeps nothing alive. */
  async open(): Promise<this> {
    await once(this.#server.listen(0, LOOPBACK).unref(), 'listening')
    return this
  }

  /** Accepts no more sockets. Those that have met go on. */
  close(): void {
    this.#server.close()
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The connected socket `own` of this process belongs to `stream`. If either has closed before they meet, so does the other. */
  join(own: net.Socket, stream: Socket): void {
    if (stream.destroyed) {
      own.destroy(stream.errored ?? undefined)
      return
    }
    const port = own.localPort as number
    const accepted = this.#waiting.get(port)
    this.#waiting.delete(port)
    if (accepted === undefined) this.#expect(port, own, stream)
    else carry(accepted, own, stream)
  }

  #expect(port: number, own: net.Socket, stream: Socket): void {
    this.#expected.set(port, { own, stream })
    const leave = (): void => {
      if (this.#expected.get(port)?.stream !== stream) return
      this.#expected.delete(port)
      own.destroy(stream.errored ?? undefined)
      stream.destroy()
    }
    stream.once('close', leave)
    // The event loop first accepts the connection that `own` has left behind.
    own.once('close', () => setImmediate(leave))
  }

  #accept(accepted: net.Socket): void {
    accepted.on('error', () => {})
    const port = accepted.remotePort ?? 0
    const expected = this.#expected.get(port)
    this.#expected.delete(port)
    if (expected !== undefined) carry(accepted, expected.own, expected.stream)
    else if (this.#waiting.size < MOST_WAITING) this.#wait(port, accepted)
    else accepted.resetAndDestroy()
  }

  #wait(port: number, accepted: net.Socket): void {
    this.#waiting.set(port, accepted)
    setTimeout(() => {
      if (this.#waiting.get(port) !== accepted) return
      this.#waiting.delete(port)
      accepted.resetAndDestroy()
    }, STRANGER_MS).unref()
  }
}

/**
 * The program's own socket decides how long the process lives. After it has closed, the process lives until the peer has
 * what the program has written, as the system would see to it. A stream that breaks resets the socket.
 */
function carry(accepted: net.Socket, own: net.Socket, stream: Socket): void {
  accepted.unref()
  stream.unref()
  // A socket that is paused does not keep the process alive, so the stream must.
  const deliver = (): void => {
    if (accepted.readableEnded) return
    accepted.ref()
    stream.ref()
  }
  if (own.closed) deliver()
  else own.once('close', deliver)
  accepted.once('end', () => {
    accepted.unref()
    stream.ref()
    stream.once('finish', () => stream.unref())
  })
  const never = new AbortController().signal
  splice(stream, { source: accepted, sink: accepted }, never).catch(() => accepted.resetAndDestroy())
}
