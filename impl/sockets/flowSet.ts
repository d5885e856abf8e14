/**
 * The flows of one connection, as the host's connection sees their owner. A flow may end while others go on; the first one is no
 * exception. The host works while it calls these methods, so what the application should hear waits until it has finished.
 */
import { ENDED } from '../../spec/machines/connection/reasons.ts'
import * as notice from '../../spec/machines/flow/notices.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import type { FlowsOwner } from '../host/connections/connection.ts'
import type { Flow, FlowUser } from '../host/flows/flow.ts'
import type { SharedTransport, Transport } from '../transport/transport.ts'

/** What happened to the flows of a connection. */
export interface FlowChange {
  readonly flow: Flow
  readonly hasEnded: boolean
  /** It has ended because nothing answered. */
  readonly isSilent: boolean
}

/**
 * Hears of the flows. Called while the host works. Of notices, it hears those that concern the whole connection, or the flow that
 * it shows.
 */
export interface FlowSetUser extends FlowUser {
  /** The flow that the user shows has ended; this one takes its place. */
  replace(flow: Flow): void
  /** Another flow has moved, or its move has failed. */
  noteMove?(flow: Flow, notice: number): void
  wake(): void
}

/** A wake of a socket mostly finds no change. */
const NONE: readonly FlowChange[] = []

export class FlowSet implements FlowsOwner, FlowUser {
  /** The transport that the application uses. */
  readonly whole: SharedTransport
  /** The connected flows that carry data, oldest first. */
  readonly flows = new Set<Flow>()
  /** A flow has closed in order, after everything was delivered in both directions. */
  isSettled = false
  /** Moves of any flow that the peer has answered. */
  answeredMoves = 0
  readonly #join: () => Transport
  #changes: FlowChange[] = []
  #isNews = false
  #over: number | undefined
  /** Flows that end without an order, and those among them because nothing answered. */
  readonly #lost = new WeakSet<Flow>()
  readonly #silent = new WeakSet<Flow>()
  /** Handshakes of this end's further flows, and what to call when they end. */
  readonly #joining = new Map<Flow, (isOpen: boolean, notice: number) => void>()
  #shown: Flow
  #user: FlowSetUser | undefined

  /** `join` adds a flow to the transport, and returns its own. */
  constructor(first: Flow, whole: SharedTransport, join: () => Transport) {
    this.whole = whole
    this.#shown = first
    this.#join = join
    first.user = this
    this.flows.add(first)
  }

  /** From now on the user hears of the flows. */
  serve(user: FlowSetUser): void {
    this.#user = user
    if (!this.flows.has(this.#shown)) this.#show()
    user.wake()
  }

  /** True if the peer has acknowledged everything written, and the end. */
  get hasDelivered(): boolean {
    if (!this.whole.finished) return false
    for (const { connection } of this.flows) if (connection === CONNECTION.FINWAIT2) return true
    return false
  }

  get peerHasEnded(): boolean {
    return this.whole.peerHasEnded
  }

  /** The flows that this end adds, and whose handshake is in progress. */
  get joining(): readonly Flow[] {
    return [...this.#joining.keys()]
  }

  /** Returns the flows that came and went since the last call. */
  takeChanges(): readonly FlowChange[] {
    if (this.#changes.length === 0) return NONE
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** Returns whether the addresses of either end are news, since the last call. */
  takeNews(): boolean {
    const isNews = this.#isNews
    this.#isNews = false
    return isNews
  }

  /** How the last flow ended, if it has ended without an order: one of ENDED. */
  get over(): number | undefined {
    return this.#over
  }

  /** This end has begun to add a flow. Calls back once, with the notice that failed it. */
  expect(flow: Flow, isBackup: boolean, done: (isOpen: boolean, notice: number) => void): void {
    this.#joining.set(flow, done)
    flow.user = this
    if (isBackup) this.whole.setBackup(flow.transport, true)
  }

  /** The handshake takes too long. */
  giveUp(flow: Flow): void {
    this.#joined(flow, false, notice.TIMED_OUT)
  }

  newTransport(): Transport {
    return this.#join()
  }

  onFlow(flow: Flow): void {
    this.flows.add(flow)
    flow.user = this
    this.#changes.push({ flow, hasEnded: false, isSilent: false })
    this.#joined(flow, true, notice.CONNECTED)
    this.#user?.wake()
  }

  onLeave(flow: Flow): void {
    if (!this.flows.delete(flow)) return
    // An orderly end after the data's end is that of the connection.
    if (!this.#lost.has(flow) && this.whole.finished && this.peerHasEnded) this.isSettled = true
    // Without a user yet, the application that accepts the connection finds its flows by the first one.
    if (this.#user !== undefined) flow.user = undefined
    this.whole.leave(flow.transport)
    this.#changes.push({ flow, hasEnded: true, isSilent: this.#silent.has(flow) })
    if (flow === this.#shown) this.#show()
    this.#user?.wake()
  }

  onBackup(flow: Flow, isBackup: boolean): void {
    this.whole.setBackup(flow.transport, isBackup)
  }

  onAdvert(): void {
    this.#isNews = true
    this.#user?.wake()
  }

  onOver(why: number): void {
    // Then everything has arrived at both ends, whatever happened to the last flow.
    if (why === ENDED.CLOSED || (this.whole.finished && this.peerHasEnded)) this.isSettled = true
    else this.#over = why
    for (const flow of this.joining) this.#joined(flow, false, notice.CLOSED)
    this.#user?.wake()
  }

  /** Nobody hears of the flows any more. */
  disown(): void {
    this.#user = undefined
    for (const flow of this.flows) flow.user = undefined
    for (const flow of this.joining) this.#joined(flow, false, notice.CLOSED)
  }

  wake(): void {
    this.#user?.wake()
  }

  onNotice(one: number, flow: Flow): void {
    if (one === notice.MOVED) this.answeredMoves++
    // Its address may be gone.
    if (one === notice.MOVE_FAILED) this.onAdvert()
    if (one === notice.RESET || one === notice.TIMED_OUT || one === notice.REFUSED) {
      this.#lost.add(flow)
      if (one === notice.TIMED_OUT) this.#silent.add(flow)
      this.#joined(flow, false, one)
    } else if (one === notice.PEER_CLOSED) {
      // Otherwise the peer removes the flow.
      if (this.peerHasEnded) this.#user?.onNotice(one, flow)
    } else if (one !== notice.CLOSED && flow === this.#shown) this.#user?.onNotice(one, flow)
    else if (one === notice.MOVED || one === notice.MOVE_FAILED) this.#user?.noteMove?.(flow, one)
  }

  #joined(flow: Flow, isOpen: boolean, why: number): void {
    const done = this.#joining.get(flow)
    this.#joining.delete(flow)
    done?.(isOpen, why)
  }

  #show(): void {
    const [oldest] = this.flows
    if (oldest === undefined) return
    this.#shown = oldest
    this.#user?.replace(oldest)
  }
}
