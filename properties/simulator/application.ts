/** The application at one end of a flow: what it writes and reads, and the notices that it receives. */
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Host } from '../../impl/host/host.ts'
import type { Address } from '../../impl/link/link.ts'
import { FlowKeeper } from '../../impl/sockets/flowKeeper.ts'
import type { FlowPolicy } from '../../impl/sockets/flowPolicy.ts'
import { FlowSet } from '../../impl/sockets/flowSet.ts'
import type { Gathering } from '../../impl/sockets/flowSets.ts'
import { DEAD_AFTER_MS, Vigil, type Watched } from '../../impl/sockets/vigil.ts'
import { Stream } from '../../impl/transport/stream/stream.ts'
import { ENDED } from '../../spec/machines/connection/reasons.ts'
import * as notice from '../../spec/machines/flow/notices.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { PROTOCOL_DATAGRAM } from '../../spec/wire/format.ts'
import type { Speech } from './speech.ts'
import { addressOf, type Station } from './station.ts'

const ERRORS: readonly number[] = [notice.REFUSED, notice.RESET, notice.TIMED_OUT]

export class Application implements Gathering {
  readonly station: Station
  readonly host: Host
  /** The connection's oldest flow. */
  flow: Flow
  flowPolicy: FlowPolicy | undefined
  /** Undefined while the connection never had a second flow. */
  set: FlowSet | undefined
  readonly speech: Speech
  readonly name: string
  /** Received, in order. */
  readonly notices: number[] = []
  /** Says which bytes the application read and should not have. */
  fault: string | undefined
  isPaused = false
  isFinishing = false
  /** Called when the application gives up its peer, because that was silent for too long. */
  onGiveUp: () => void = () => {}
  readonly #vigil: Vigil | undefined
  #kept: FlowKeeper | undefined
  #isWoken = false
  #hasFailed = false
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
    if (flow.user instanceof FlowSet) this.gather(flow.user)
    else flow.user = this
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
    return this.set === undefined ? this.flow.isClosed : this.set.isSettled || this.#hasFailed
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
      this.speech.transport.protocol === PROTOCOL_DATAGRAM &&
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

  gather(set: FlowSet): void {
    this.set = set
    set.serve(this)
  }

  replace(flow: Flow): void {
    this.flow = flow
  }

  onNotice(one: number): void {
    this.notices.push(one)
    if (one === notice.CONNECTED && this.flowPolicy !== undefined)
      this.station.later(0, () => this.#keeper.begin())
  }

  /** Something has happened to the flows: looks once the host has finished its work. */
  wake(): void {
    if (this.#isWoken) return
    this.#isWoken = true
    this.station.later(0, () => this.#followSet())
  }

  /** Adds a flow from one of its host's addresses. */
  addFlow(number: number, to: Address): void {
    if (!this.isAlive || this.isOver) return
    const from = addressOf(this.station.index, number)
    if (!this.host.addresses.includes(from)) return
    this.#keeper.add({ from, to, isBackup: false }).catch(() => {})
  }

  /** Removes the oldest flow, if there are others. */
  removeFlow(): void {
    if (!this.isAlive || this.isOver || (this.set?.flows.size ?? 0) < 2) return
    // The others may end meanwhile: then this one stays.
    this.#keeper.remove(this.flow).catch(() => {})
  }

  /** The addresses of its host have changed. */
  follow(): void {
    if (this.set !== undefined && this.isAlive && !this.isOver) this.#keeper.follow()
  }

  #followSet(): void {
    this.#isWoken = false
    const { set } = this
    if (set === undefined || this.isOver) return
    const [changes, isNews] = [set.takeChanges(), set.takeNews()]
    const { over } = set
    if (over !== undefined) {
      this.#hasFailed = true
      this.notices.push(over === ENDED.TIMED_OUT ? notice.TIMED_OUT : notice.RESET)
    } else if (isNews || changes.length > 0) this.#keeper.heed(changes)
  }

  get #driver() {
    const { host, station } = this
    return {
      host,
      now: () => station.time,
      later: (ms: number, run: () => void) => station.later(ms, run),
      kick: () => {},
    }
  }

  /** Adds flows and removes them, as for sockets. */
  get #keeper(): FlowKeeper {
    const application = this
    this.#kept ??= new FlowKeeper(
      {
        driver: this.#driver,
        get flow() {
          return application.flow
        },
        get set() {
          return application.set
        },
        get isOver() {
          return application.isOver || !application.isAlive
        },
      },
      this.flowPolicy,
    )
    return this.#kept
  }

  /** Returns a view of a transport for the vigil, which watches connections of sockets in a program. */
  #watched(transport: Stream): Watched {
    const application = this
    const { station, host } = this
    return {
      transport,
      driver: this.#driver,
      get flow() {
        return application.flow
      },
      get flows() {
        return application.set?.flows ?? [application.flow]
      },
      get answeredMoves() {
        const own = application.notices.filter(n => n === notice.MOVED).length
        return own + (application.set?.answeredMoves ?? 0)
      },
      get isOver() {
        return application.isOver || !application.isAlive
      },
      get waits() {
        return application.waits
      },
      fail: () => application.giveUp(),
      retry: () => {
        for (const flow of application.set?.flows ?? [application.flow]) host.retry(flow, station.time)
        if (application.set !== undefined) application.#keeper.rescue()
      },
    }
  }
}
