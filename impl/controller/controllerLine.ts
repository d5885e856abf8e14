/** A host's connection to one of its controllers, reopened until it is closed: lines in both directions. */

import type { Duplex } from 'node:stream'
import { at, must } from '../../checker/text/at.ts'
import { AdminError } from '../admin/errors.ts'
import { linesOf } from '../admin/lines.ts'
import type { Flow } from '../host/flows/flow.ts'
import { randomFraction } from '../host/random/random.ts'
import { ServiceError } from '../host/services/serviceErrors.ts'
import type { Address } from '../link/link.ts'
import { Faults } from '../sockets/faults.ts'
import { Socket } from '../sockets/socket.ts'
import type { Stack } from '../sockets/stack.ts'
import type { ControllerAt } from './controllerAt.ts'
import { PlaneError } from './errors.ts'
import {
  ANSWER_LIMIT,
  type Answer,
  CONTROLLER_SERVICE,
  decodeAnswer,
  encode,
  type Question,
} from './messages.ts'
import { endSoon, secured } from './secure.ts'

export interface LineEvents {
  readonly connected: (controller: string) => void
  readonly answer: (answer: Answer) => void
  /** The connection could not be opened (`wasOpen` false), or has ended. */
  readonly lost: (wasOpen: boolean) => void
  /** This end has moved. */
  readonly moved: () => void
  /** The controller cannot be talked to, because of TLS. Another attempt follows. */
  readonly failed: (why: PlaneError) => void
}

/** A controller that is silent for this long is probed, and then given up, ms. */
const SILENT_MS = 2000
const DEAD_AFTER_MS = 6000
/** Characters that may wait to leave before repeatable questions are withheld: about 700 questions. */
const BUSY_CHARS = 65_536
/**
 * The pause before the next attempt, which goes to the next controller; doubles each time, ms. Chance takes up to half of
 * it away, so that the hosts of a controller that restarts do not all return at once.
 */
const PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000
const SPREAD = 0.5
/** A session that lasted this long, ms, ends the doubling. A controller that fails at once has shorter ones. */
const LASTING_MS = LONGEST_PAUSE_MS

/** Faults of all connections to controllers in this process. */
export const faults = new Faults()

export class ControllerLine {
  /** Lines of controllers that were not valid answers. */
  mistakes = 0
  readonly #stack: Stack
  readonly #controllers: readonly ControllerAt[]
  readonly #events: LineEvents
  #socket: Socket | undefined
  /** What carries the lines: the socket, or TLS over it. */
  #stream: Duplex | undefined
  /** The token for the current controller. */
  token: string | undefined
  #isOpen = false
  #said = ''
  #isClosed = false
  #attempts = 0
  #pauseMs = PAUSE_MS
  #openedMs = 0
  #timer: NodeJS.Timeout | undefined

  /** `controllers`: without any, the stack's rules lead to one. */
  constructor(stack: Stack, controllers: readonly ControllerAt[], events: LineEvents) {
    this.#stack = stack
    this.#controllers = controllers
    this.#events = events
    this.#open()
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** The address at which the controller sees this host; undefined without a connection. */
  get address(): string | undefined {
    const { localAddress, localPort } = this.#socket ?? {}
    if (!this.#isOpen || localAddress === undefined) return undefined
    return localAddress.includes(':') ? `[${localAddress}]:${localPort}` : `${localAddress}:${localPort}`
  }

  get #flow(): Flow | undefined {
    const id = this.#socket?.flow
    return this.#isOpen && id !== undefined ? this.#stack.host.flowById(id) : undefined
  }

  /** The address at which this host reaches the controller; undefined without a connection. */
  get controllerAddress(): Address | undefined {
    return this.#flow?.peer
  }

  /** True if a translator (NAT) is between this host and the controller. */
  get isTranslated(): boolean {
    return this.#flow?.isTranslated === true
  }

  /** True while earlier lines have not left, so that questions should wait. */
  get isBusy(): boolean {
    return this.#said.length + (this.#stream?.writableLength ?? 0) > BUSY_CHARS
  }

  /** All lines of one turn leave together. */
  say(question: Question): void {
    if (!this.#isOpen) return
    if (this.#said === '') queueMicrotask(this.#flush)
    this.#said += encode(question)
  }

  /** Delivers what was said, if possible, then ends. */
  close(): void {
    this.#flush()
    this.#isClosed = true
    clearTimeout(this.#timer)
    if (this.#stream !== undefined) endSoon(this.#stream)
    else this.#socket?.destroySoon()
  }

  readonly #flush = (): void => {
    const said = this.#said
    this.#said = ''
    if (said !== '' && this.#isOpen) must(this.#stream).write(said)
  }

  #open(): void {
    const { length } = this.#controllers
    const controller = length === 0 ? undefined : at(this.#controllers, this.#attempts % length)
    const { via } = controller ?? {}
    this.#attempts++
    const socket = new Socket({
      ...{ stack: this.#stack, noDelay: true, deadAfterMs: DEAD_AFTER_MS },
      ...{ keepAlive: true, keepAliveInitialDelay: SILENT_MS },
    })
    this.#socket = socket
    socket.on('error', () => {})
    socket.once('close', () => this.#lost(socket))
    socket.once('connect', () => void this.#secure(socket, controller))
    socket.on('path', () => this.#events.moved())
    socket.unref().connect({ service: CONTROLLER_SERVICE, ...(via !== undefined && { via }) })
    // `close` ends the socket, after its last lines.
    this.#stack.users.delete(socket)
  }

  async #secure(socket: Socket, controller: ControllerAt | undefined): Promise<void> {
    const via = controller?.via ?? CONTROLLER_SERVICE
    this.token = controller?.token
    if (controller?.tls === undefined) return this.#connected(socket, socket, via)
    try {
      const stream = await secured(socket, controller)
      if (socket === this.#socket && !socket.destroyed) this.#connected(socket, stream, via)
    } catch (error) {
      if (!(error instanceof PlaneError)) throw error
      if (!this.#isClosed) this.#events.failed(error)
    }
  }

  #connected(socket: Socket, stream: Duplex, controller: string): void {
    this.#isOpen = true
    this.#stream = stream
    this.#openedMs = this.#stack.driver.now()
    void this.#read(socket, stream)
    this.#events.connected(controller)
  }

  async #read(socket: Socket, stream: Duplex): Promise<void> {
    try {
      for await (const line of linesOf(stream.iterator({ destroyOnReturn: false }), ANSWER_LIMIT))
        this.#hear(line)
    } catch (error) {
      if (error instanceof AdminError) this.mistakes++
      else if (!(error instanceof Error && 'code' in error))
        faults.note('a connection to a controller', error)
    }
    socket.destroySoon()
  }

  #hear(line: string): void {
    try {
      this.#events.answer(decodeAnswer(line))
    } catch (error) {
      this.mistakes++
      if (error instanceof PlaneError || error instanceof ServiceError) return
      faults.note('a line of a controller', error)
      this.#socket?.resetAndDestroy()
    }
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return
    const wasOpen = this.#isOpen
    this.#isOpen = false
    this.#said = ''
    this.#socket = undefined
    this.#stream = undefined
    this.#events.lost(wasOpen)
    if (this.#isClosed || !this.#stack.isOpen) return
    const { driver, random } = this.#stack
    if (wasOpen && driver.now() - this.#openedMs >= LASTING_MS) this.#pauseMs = PAUSE_MS
    const waitMs = this.#pauseMs * (1 - SPREAD * randomFraction(random))
    this.#timer = setTimeout(() => this.#open(), waitMs).unref()
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS)
  }
}
