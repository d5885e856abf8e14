/** One end of a flow as its application has it: what it writes, reads, and is told. */
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Host } from '../../impl/host/host.ts'
import { DEAD_AFTER_MS, Vigil, type Watched } from '../../impl/sockets/vigil.ts'
import { Stream } from '../../impl/transport/stream/stream.ts'
import * as notice from '../../spec/machines/flow/notices.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import type { Speech } from './speech.ts'
import type { Station } from './station.ts'

const ERRORS: readonly number[] = [notice.REFUSED, notice.RESET, notice.TIMED_OUT]

export class Application {
  readonly station: Station
  readonly host: Host
  readonly flow: Flow
  readonly speech: Speech
  readonly name: string
  /** Told, in order. */
  readonly notices: number[] = []
  /** Says which bytes the application read and should not have. */
  fault: string | undefined
  isPaused = false
  isFinishing = false
  /** Called when the application gives up its peer, because that was silent for too long. */
  onGiveUp: () => void = () => {}
  readonly #vigil: Vigil | undefined
  #peer: () => Speech | undefined

  constructor(
    name: string,
    station: Station,
    host: Host,
    flow: Flow,
    speech: Speech,
    peer: () => Speech | undefined,
  ) {
    this.name = name
    this.station = station
    this.host = host
    this.flow = flow
    this.speech = speech
    this.#peer = peer
    speech.onWork = () => this.hear()
    if (speech.transport instanceof Stream)
      this.#vigil = new Vigil(this.#watched(speech.transport), DEAD_AFTER_MS)
    flow.onNotice = n => this.notices.push(n)
  }

  /** Its host is the one that it was begun on. */
  get isAlive(): boolean {
    return this.station.host === this.host
  }

  /** The notice that reported the failure of the flow; 0 if none did. */
  get error(): number {
    return this.notices.find(n => ERRORS.includes(n)) ?? 0
  }

  get isOver(): boolean {
    return this.flow.isClosed
  }

  /** Whether data that it sends may still matter to the peer. */
  get isOpen(): boolean {
    return this.isAlive && !this.isOver && this.flow.connection !== CONNECTION.TIMEWAIT
  }

  hear(): void {
    if (!this.isPaused) this.readRest()
  }

  /** Reads all that has arrived, also while it pauses. */
  readRest(): void {
    if (this.isAlive) this.fault ??= this.speech.hear(this.#peer())
  }

  say(bytes: number): void {
    if (!this.isAlive || this.isFinishing || this.isOver) return
    this.speech.say(bytes)
    this.#vigil?.begin()
  }

  finish(): void {
    if (!this.isAlive || this.isFinishing || this.isOver) return
    this.isFinishing = true
    this.host.finish(this.flow, this.station.time)
    this.#vigil?.begin()
  }

  abort(): void {
    if (this.isAlive && !this.isOver) this.host.abort(this.flow, this.station.time)
  }

  /** Asks the peer for a sign of life after so long a silence, ms. */
  keepAlive(delayMs: number): void {
    this.#vigil?.keepAlive(delayMs)
  }

  resume(): void {
    this.isPaused = false
    this.hear()
  }

  /** The peer has closed: datagrams have no other end than SAL's, so the application follows. */
  followClose(): void {
    if (
      !this.station.isAsleep &&
      this.speech.transport.protocol === DATAGRAM &&
      this.notices.includes(notice.PEER_CLOSED)
    )
      this.finish()
  }

  /** The stream of the flow; undefined for datagrams. */
  get transport(): Stream | undefined {
    const { transport } = this.speech
    return transport instanceof Stream ? transport : undefined
  }

  /** Whether an answer of the peer is due. */
  get waits(): boolean {
    const { transport } = this
    if (transport === undefined || this.isOver) return false
    return this.isFinishing ? !transport.finished : transport.bufferedToSend > 0
  }

  /** The peer was silent for too long. */
  giveUp(): void {
    this.onGiveUp()
    this.notices.push(notice.TIMED_OUT)
    this.abort()
  }

  /** What a socket's connection is to its vigil. */
  #watched(transport: Stream): Watched {
    const application = this
    const { station, host } = this
    return {
      transport,
      driver: {
        host,
        now: () => station.time,
        later: (ms, run) => station.later(ms, run),
        kick: () => {},
      },
      get flow() {
        return application.flow
      },
      get answeredMoves() {
        return application.notices.filter(n => n === notice.MOVED).length
      },
      get isOver() {
        return application.isOver || !application.isAlive
      },
      get waits() {
        return application.waits
      },
      fail: () => application.giveUp(),
      retry: () => host.retry(application.flow, station.time),
    }
  }
}

const DATAGRAM = 17
