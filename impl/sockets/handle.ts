/**
 * The handle of a connection: what a socket holds of its flows (flowSet.ts) and its transport. Closing the socket only releases
 * its handle: like the kernel's TCP, the connection delivers what was written, and then ends in order.
 */

import { ENDED } from '../../spec/machines/connection/reasons.ts'
import * as notice from '../../spec/machines/flow/notices.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import type { Flow } from '../host/flows/flow.ts'
import { hostOf, portOf, printAddress } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { type Challenge, challengeOf } from './challenge.ts'
import { type PathReason, publishClosed, publishOpened, publishPath } from './channels.ts'
import type { Driver, Task } from './driver.ts'
import { asSocketError, type SocketErrorCode, socketError } from './errors.ts'
import { isFarewell } from './farewell.ts'
import { FlowKeeper } from './flowKeeper.ts'
import type { FlowPolicy } from './flowPolicy.ts'
import type { FlowChange, FlowSet } from './flowSet.ts'
import type { HandleOwner, OwnedTransport } from './handleOwner.ts'
import { Inbox } from './inbox.ts'
import { MoveRequests } from './moveRequests.ts'

/** A connection without an owner, whose peer leaves its half open, is reset after this time, ms. As in Linux. */
const ORPHAN_LIMIT_MS = 60_000

export class Handle<T extends OwnedTransport = OwnedTransport> implements Task {
  isDue = false
  /** The flowID of its first flow, also when that has ended. */
  readonly firstFlow: number
  readonly transport: T
  readonly driver: Driver
  /** Undefined once the owner has left. */
  owner: HandleOwner | undefined
  /** Called when the connection is over; removes it from its stack's list. */
  onOver: () => void = () => {}
  /** Called when the peer has answered the connect, or the connection is over. */
  onAnswered: () => void = () => {}
  readonly #inbox: Inbox
  /** Changes of the flows that the owner has not heard of. */
  readonly #untold: FlowChange[] = []
  readonly #moves = new MoveRequests(code => this.error(code, 'migrate'))
  #answeredMoves = 0
  #reason: PathReason = 'migrate'
  #isHolding = false
  #isOver = false
  #isFinishing = false
  #isPeerGone = false
  #isConnected: boolean
  #keeper: FlowKeeper | undefined
  /** The local address that the owner has been told last. */
  #told: Address = 0
  #orphanTimer: NodeJS.Timeout | undefined
  /** Present until the peer has proved the service's key. */
  #challenge: Challenge | undefined
  #proofTimer: NodeJS.Timeout | undefined

  constructor(driver: Driver, flow: Flow, transport: T, owner?: HandleOwner) {
    this.driver = driver
    this.#inbox = new Inbox(flow, this.#moves, driver, this)
    this.firstFlow = flow.id
    this.transport = transport
    this.owner = owner
    this.#isConnected = flow.listener !== undefined
    transport.user = this.#inbox
    this.hold(true)
    if (this.#isConnected) this.#publishOpened('server')
    this.#inbox.open()
  }

  /** The flow that the connection shows: its oldest one. */
  get flow(): Flow {
    return this.#inbox.flow
  }

  /** Undefined while there was never a second flow. */
  get set(): FlowSet | undefined {
    return this.#inbox.set
  }

  /** Which flows it gets by itself; undefined: the peer may add some. */
  get flowPolicy(): FlowPolicy | undefined {
    return this.#inbox.flowPolicy
  }

  /** True once the connection has ended, in order or with an error. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** True if both ends have ended, and everything is delivered and acknowledged. */
  get isSettled(): boolean {
    return this.isOver || (this.set?.isSettled ?? this.flow.connection >= CONNECTION.TIMEWAIT)
  }

  /** True if the peer has acknowledged everything written, and the end of this side. */
  get hasDelivered(): boolean {
    return this.isSettled || (this.set?.hasDelivered ?? this.flow.connection === CONNECTION.FINWAIT2)
  }

  /** True if everything that the peer sent, and its end, have arrived and can be read, whatever happened later. */
  get hasReceived(): boolean {
    return this.#isConnected && this.#isPeerGone
  }

  /** True if bytes or the end of this side are still unacknowledged. */
  get waits(): boolean {
    const { transport } = this
    return !this.isOver && (this.#isFinishing ? !transport.finished : transport.bufferedToSend > 0)
  }

  /** True once the handshake is complete, and the peer has proved the service's key if there is one. */
  get isConnected(): boolean {
    return this.#isConnected
  }

  /** True once SAL's FIN has ended the peer's half: only bytes that have arrived can still be read. */
  get isPeerGone(): boolean {
    return this.#isPeerGone || this.isOver
  }

  /** Returns whether there is room again after a write filled the transport, since the last call. */
  takeDrained(): boolean {
    return this.#inbox.takeDrained()
  }

  /** The flows that carry data. */
  get flows(): Iterable<Flow> {
    return this.set?.flows ?? [this.flow]
  }

  /** Moves, and announcements from the same address, that the peer has answered. */
  get answeredMoves(): number {
    return this.#answeredMoves + (this.set?.answeredMoves ?? 0)
  }

  get local(): Address {
    return this.flow.local
  }

  get remote(): Address {
    return this.flow.peer
  }

  /** Sets whether the connection keeps the process alive. */
  hold(isHolding: boolean): void {
    if (isHolding === this.#isHolding || (this.isOver && isHolding)) return
    this.#isHolding = isHolding
    if (isHolding) this.driver.hold()
    else this.driver.release()
  }

  /** Ends this side after everything written. */
  finish(): void {
    if (this.isOver) return
    this.#isFinishing = true
    this.driver.host.finish(this.flow, this.driver.now())
    this.driver.kick()
  }

  /** Resets the flow without notifying the owner. */
  abort(): void {
    this.owner = undefined
    this.#abort(undefined)
  }

  /** Resets the flow and reports this error to the owner. */
  fail(code: SocketErrorCode, syscall: string): void {
    if (!this.isOver) this.#abort(this.error(code, syscall))
  }

  /**
   * The socket is closed. Delivers what was written. Bytes that are unread, or arrive later, reset the flow, because
   * nobody will read them.
   */
  leave(): void {
    this.owner = undefined
    if (this.isOver) this.transport.destroy()
    else if (!this.flow.isLive || this.#challenge !== undefined || this.#losesBytes()) this.abort()
    else {
      this.finish()
      this.#orphanTimer = setTimeout(() => this.abort(), ORPHAN_LIMIT_MS).unref()
      this.driver.put(this)
    }
  }

  /** Resolves when the flow, by default the oldest, uses `address`. Rejects with EHOSTUNREACH, EAFNOSUPPORT, ECANCELED, ENOTCONN. */
  migrate(address: Address, reason: PathReason, flow = this.flow): Promise<void> {
    const { driver } = this
    if (this.isOver || !flow.isLive) return Promise.reject(this.error('ENOTCONN', 'migrate'))
    if (flow.local === address && !flow.isMoving) return Promise.resolve()
    try {
      driver.host.migrate(flow, address, driver.now())
    } catch (error) {
      return Promise.reject(asSocketError(error, 'migrate'))
    }
    if (flow === this.flow) this.#reason = reason
    driver.kick()
    return this.#moves.add(flow, address)
  }

  /** Adds flows, and removes them. */
  get keeper(): FlowKeeper {
    this.#keeper ??= new FlowKeeper(this, this.flowPolicy)
    return this.#keeper
  }

  /** The path may work again, or another one: retransmits immediately whatever has timed out, and tries other flows. */
  retry(): void {
    for (const flow of this.flows) this.driver.host.retry(flow, this.driver.now())
    if (this.set !== undefined) this.keeper.rescue()
  }

  /** The address of its flow is gone, and others stay: that flow need not move. */
  get isLeaving(): boolean {
    return this.#keeper?.strays().includes(this.flow) ?? false
  }

  /** This host's addresses have changed. */
  follow(): void {
    this.#keeper?.follow()
  }

  /** Applies a policy. */
  share(policy: FlowPolicy | undefined): void {
    this.#inbox.flowPolicy = policy
    if (this.#isConnected && this.#challenge === undefined) this.#spread()
  }

  error(code: SocketErrorCode, syscall: string, remote = this.remote): Error {
    return socketError(code, syscall, remote ? { address: hostOf(remote), port: portOf(remote) } : {})
  }

  /** @internal */
  run(): void {
    for (let one = this.#inbox.takeNotice(); one !== undefined; one = this.#inbox.takeNotice())
      this.#hear(one)
    if (this.set !== undefined) this.#followSet(this.set)
    if (this.isOver || this.#isUnproved()) return
    if (this.owner !== undefined) this.owner.ready()
    else if (this.#losesBytes()) this.abort()
    if (this.isSettled) this.#end(undefined)
  }

  /** Nobody will read what has arrived. */
  #losesBytes(): boolean {
    return this.transport.readable > 0 && !isFarewell(this.transport.read())
  }

  #hear(one: number): void {
    switch (one) {
      case notice.CONNECTED:
        this.onAnswered()
        this.#challenge = challengeOf(this.flow, this.driver)
        if (this.#challenge === undefined) this.#open()
        else this.#ask(this.#challenge)
        break
      case notice.PEER_CLOSED:
        this.#isPeerGone = true
        break
      case notice.CLOSED:
        this.#end(undefined)
        break
      case notice.REFUSED:
        this.#end(this.error('ECONNREFUSED', 'connect'))
        break
      case notice.RESET:
        // A peer that has sent its end and has acknowledged everything loses nothing, and neither does this end.
        if (this.hasReceived && this.transport.bufferedToSend === 0) this.#end(undefined)
        else this.#end(this.error('ECONNRESET', this.#isConnected ? 'read' : 'connect'))
        break
      case notice.TIMED_OUT:
        this.#end(this.error('ETIMEDOUT', this.#isConnected ? 'read' : 'connect'))
        break
      case notice.MOVED:
        this.#answeredMoves++
        // The flow has only announced itself.
        if (this.flow.local === this.#told && !this.#moves.has(this.flow)) break
        this.#moved(this.#reason)
        break
      case notice.PEER_MOVED:
        this.#moved('peer moved')
        break
      case notice.MOVE_FAILED:
        if (!this.#moves.has(this.flow)) break
        this.#tell('move failed')
        this.#moves.failed(this.flow)
        break
    }
  }

  #open(): void {
    this.#isConnected = true
    this.#publishOpened('client')
    this.#spread()
    this.owner?.connected()
  }

  /** Begins what the policy demands. Most connections have none, and no keeper. */
  #spread(): void {
    if (this.flowPolicy === 'all' || this.flowPolicy === 'failover') this.keeper.begin()
  }

  /** Follows what happened to the flows, and reports it. A listener that throws makes this run again. */
  #followSet(set: FlowSet): void {
    if (this.isOver) return
    const changes = set.takeChanges()
    const isNews = set.takeNews()
    if (set.isSettled) return
    this.#untold.push(...changes)
    for (const { flow, hasEnded } of changes) if (hasEnded) this.#moves.failed(flow)
    const { over } = set
    if (over === undefined && (isNews || changes.length > 0) && this.#isConnected) this.keeper.heed(changes)
    if (this.#inbox.takeReplaced()) this.#tell('flow ended')
    for (let change = this.#untold.shift(); change !== undefined; change = this.#untold.shift())
      this.owner?.flowChanged?.(change)
    if (over !== undefined) this.#hear(over === ENDED.TIMED_OUT ? notice.TIMED_OUT : notice.RESET)
  }

  #ask(challenge: Challenge): void {
    const waitMs = challenge.ask()
    if (waitMs === undefined) this.fail('EUNPROVED', 'connect')
    else this.#proofTimer = setTimeout(() => this.#ask(challenge), waitMs).unref()
  }

  /** True while the owner waits for the peer's proof, and after the peer has failed to give one. */
  #isUnproved(): boolean {
    const challenge = this.#challenge
    if (challenge === undefined) return false
    if (challenge.isMet()) {
      this.#challenge = undefined
      clearTimeout(this.#proofTimer)
      this.#open()
      return this.isOver
    }
    if (challenge.hasFailed || this.isPeerGone || this.isSettled) this.fail('EUNPROVED', 'connect')
    return true
  }

  #abort(error: Error | undefined): void {
    if (this.isOver) return
    if (!this.flow.isClosed) this.driver.host.abort(this.flow, this.driver.now())
    this.driver.kick()
    this.#end(error)
  }

  #moved(reason: PathReason): void {
    this.#tell(reason)
    this.#keeper?.heed()
    if (reason !== 'peer moved') this.#moves.moved(this.flow)
  }

  #tell(reason: PathReason): void {
    const { flow } = this
    this.#told = flow.local
    publishPath(flow, reason)
    this.owner?.moved({ local: printAddress(flow.local), remote: printAddress(flow.peer), reason })
  }

  #publishOpened(side: 'client' | 'server'): void {
    this.#told = this.flow.local
    publishOpened(this.flow, side)
  }

  #end(error: Error | undefined): void {
    if (this.isOver) return
    this.hold(false)
    this.#isOver = true
    this.onAnswered()
    clearTimeout(this.#orphanTimer)
    clearTimeout(this.#proofTimer)
    this.#moves.cancel()
    publishClosed(this.flow, error)
    this.onOver()
    this.#keeper?.stop()
    this.set?.disown()
    this.flow.user = undefined
    // After the peer's orderly end the owner may still read what has arrived; it leaves afterwards.
    if (this.owner === undefined || (error !== undefined && !this.hasReceived)) this.transport.destroy()
    this.owner?.closed(error)
  }
}
