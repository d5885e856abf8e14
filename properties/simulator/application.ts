/** One end of a flow as its application has it: what it writes, reads, and is told. */
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Host } from '../../impl/host/host.ts'
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
    if (this.isAlive && !this.isFinishing && !this.isOver) this.speech.say(bytes)
  }

  finish(now: number): void {
    if (!this.isAlive || this.isFinishing || this.isOver) return
    this.isFinishing = true
    this.host.finish(this.flow, now)
  }

  abort(now: number): void {
    if (this.isAlive && !this.isOver) this.host.abort(this.flow, now)
  }

  resume(): void {
    this.isPaused = false
    this.hear()
  }

  /** The peer has closed: datagrams have no other end than SAL's, so the application follows. */
  followClose(now: number): void {
    if (this.speech.transport.protocol === DATAGRAM && this.notices.includes(notice.PEER_CLOSED))
      this.finish(now)
  }
}

const DATAGRAM = 17
