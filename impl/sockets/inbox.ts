/**
 * What the host and the transport report of a connection. No socket may run while they work: the inbox keeps their reports and asks
 * the driver for a turn of the handle, which reads them.
 */
import * as notice from '../../spec/machines/flow/notices.ts'
import type { Flow } from '../host/flows/flow.ts'
import type { StreamUser } from '../transport/stream/stream.ts'
import type { Driver, Task } from './driver.ts'
import type { FlowPolicy } from './flowPolicy.ts'
import { FlowSet } from './flowSet.ts'
import type { Gathering } from './flowSets.ts'
import type { MoveRequests } from './moveRequests.ts'

export class Inbox implements Gathering, StreamUser {
  /** The flow that the connection shows: its oldest one. */
  flow: Flow
  /** Undefined while there was never a second flow. */
  set: FlowSet | undefined
  /** Which flows the connection gets by itself; undefined: the peer may add some. */
  flowPolicy: FlowPolicy | undefined
  readonly #notices: number[] = []
  readonly #moves: MoveRequests
  readonly #driver: Driver
  readonly #reader: Task
  #isReplaced = false
  #hasDrained = false

  constructor(flow: Flow, moves: MoveRequests, driver: Driver, reader: Task) {
    this.flow = flow
    this.#moves = moves
    this.#driver = driver
    this.#reader = reader
  }

  /** From now on the flow reports here. */
  open(): void {
    const { flow } = this
    // The peer may have added flows already, or have reset this one.
    if (flow.user instanceof FlowSet) this.gather(flow.user)
    else flow.user = this
    if (flow.isClosed) this.onNotice(notice.RESET)
  }

  /** Returns the oldest notice that is unread. */
  takeNotice(): number | undefined {
    return this.#notices.shift()
  }

  /** Returns whether another flow has become the one that the connection shows, since the last call. */
  takeReplaced(): boolean {
    const isReplaced = this.#isReplaced
    this.#isReplaced = false
    return isReplaced
  }

  /** Returns whether there is room again after a write filled the transport, since the last call. */
  takeDrained(): boolean {
    const hasDrained = this.#hasDrained
    this.#hasDrained = false
    return hasDrained
  }

  wake(): void {
    this.#driver.put(this.#reader)
  }

  onNotice(one: number): void {
    this.#notices.push(one)
    this.wake()
  }

  onReadable(): void {
    this.wake()
  }

  onEnd(): void {
    this.wake()
  }

  onDrain(): void {
    this.#hasDrained = true
    this.wake()
  }

  /** The connection may have several flows from now on. */
  gather(set: FlowSet): void {
    this.set = set
    set.serve(this)
  }

  replace(flow: Flow): void {
    this.flow = flow
    this.#isReplaced = true
  }

  noteMove(flow: Flow, one: number): void {
    if (one === notice.MOVED) this.#moves.moved(flow)
    else this.#moves.failed(flow)
  }
}
