/** The tour's client, a process of its own: fetches the content by name while it moves from address to address. */

import { createHash } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { at } from '../../checker/text/at.ts'
import { connect, type PathChange, type Socket, Stack } from '../../impl/sockets/index.ts'
import type { Fetched, Move, Order, Report } from './messages.ts'

/** The client's places on the loopback network, in the order in which it goes through them. */
const PLACES = ['127.0.0.1:0', '127.0.0.2:0', '127.0.0.3:0']
/** The moves, and the part of the content after which each happens: the client to the address of that index, or the server. */
const PLAN = [
  { at: 0.2, place: 1 },
  { at: 0.4, place: 2 },
  { at: 0.6, place: undefined },
  { at: 0.8, place: 0 },
]
/** Bytes between two reports of progress. */
const PROGRESS_BYTES = 2 ** 20

const report = (what: Report): void => {
  process.send?.(what)
}
const fail = (error: Error): void => report({ says: 'failed', message: error.message })

type Fetch = Extract<Order, { do: 'fetch' }>

class Fetching {
  readonly #order: Fetch
  readonly #stack: Stack
  readonly #socket: Socket
  readonly #hash = createHash('sha256')
  readonly #started = performance.now()
  readonly #moves: Move[] = []
  readonly #plan = [...PLAN]
  #got = 0
  #told = 0
  #last = performance.now()
  #longestGapMs = 0
  /** Since when a move is wished for, and what it is, until the first byte of the new path is there. */
  #wished: number | undefined
  #changed: PathChange | undefined
  #from = ''

  constructor(order: Fetch, stack: Stack) {
    this.#order = order
    this.#stack = stack
    this.#socket = connect({ service: order.service, via: order.via, stack })
    this.#socket.on('data', bytes => this.#take(bytes))
    this.#socket.on('path', change => {
      this.#changed = change
    })
    this.#socket.on('error', fail)
    this.#socket.on('end', () => this.#socket.end())
    this.#socket.on('close', () => this.#finish())
  }

  #take(bytes: Uint8Array): void {
    const now = performance.now()
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#last)
    this.#last = now
    this.#hash.update(bytes)
    this.#got += bytes.length
    this.#noteMove(now)
    const [next] = this.#plan
    const isDue = next !== undefined && this.#wished === undefined && this.#got / this.#order.bytes >= next.at
    if (isDue) this.#move(next.place, now)
    const move = isDue && next.place === undefined
    if (!move && this.#got - this.#told < PROGRESS_BYTES) return
    this.#told = this.#got
    report({ says: 'progress', bytes: this.#got, move })
  }

  #move(place: number | undefined, now: number): void {
    this.#plan.shift()
    this.#wished = now
    this.#from = place === undefined ? this.#remote() : this.#local()
    if (place !== undefined) this.#socket.migrate(at(this.#stack.addresses, place)).catch(fail)
  }

  #local(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`
  }

  #remote(): string {
    return `${this.#socket.remoteAddress}:${this.#socket.remotePort}`
  }

  #noteMove(now: number): void {
    const [change, wished] = [this.#changed, this.#wished]
    if (change === undefined || wished === undefined) return
    this.#changed = undefined
    this.#wished = undefined
    const own = change.reason !== 'peer moved'
    this.#moves.push({
      who: own ? 'client' : 'server',
      from: this.#from,
      to: own ? change.local : change.remote,
      at: this.#got / this.#order.bytes,
      ms: now - wished,
    })
  }

  #finish(): void {
    const fetched: Fetched = {
      bytes: this.#got,
      sha256: this.#hash.digest('hex'),
      seconds: (this.#last - this.#started) / 1000,
      longestGapMs: this.#longestGapMs,
      moves: this.#moves,
    }
    void this.#stack.close().then(() => report({ says: 'fetched', fetched }))
  }
}

process.on('message', async (order: Order) => {
  if (order.do !== 'fetch') return
  const [packets, steps] = [openSync(order.packets, 'w'), openSync(order.steps, 'w')]
  const stack = new Stack({
    addresses: PLACES,
    capture: bytes => writeSync(packets, bytes),
    steps: lines => writeSync(steps, lines),
  })
  try {
    await stack.opened()
    new Fetching(order, stack)
  } catch (error) {
    fail(error as Error)
  }
})
process.on('disconnect', () => process.exit())
