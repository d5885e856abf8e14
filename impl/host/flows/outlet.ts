/** Collects what flows have to send: checks flows that may have something once before packets leave. */
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import type { Packets } from '../packets/packets.ts'
import { TIMERS_PER_FLOW, TRANSPORT } from './engine.ts'
import type { Flow } from './flow.ts'
import type { Flows } from './flows.ts'
import { spentTransport } from './spent.ts'
import type { Timers } from './timers.ts'

/** The parts of a host that the outlet uses. */
export interface OutletHost {
  readonly packets: Packets
  readonly timers: Timers
  fault(error: unknown, depth: number, now: number, flow?: Flow): void
}

export class Outlet {
  readonly #host: OutletHost
  readonly #flows: Flows
  /** Called when a transport has delivered everything, and its end. */
  readonly #close: (flow: Flow, now: number) => void
  #waiting: Flow[] = []
  #buffered = 0

  constructor(host: OutletHost, flows: Flows, close: (flow: Flow, now: number) => void) {
    this.#host = host
    this.#flows = flows
    this.#close = close
  }

  /** Bytes that all transports held when last checked. */
  get buffered(): number {
    return this.#buffered
  }

  /** The flow's transport may have something to send. */
  wake(flow: Flow): void {
    if (flow.waiting) return
    flow.waiting = true
    this.#waiting.push(flow)
  }

  /** Also checks flows that are woken meanwhile. */
  pump(now: number): void {
    for (let i = 0; i < this.#waiting.length; i++)
      try {
        this.#pump(this.#waiting[i] as Flow, now)
      } catch (error) {
        this.#host.fault(error, 0, now, this.#waiting[i])
      }
    this.#waiting = []
  }

  /** Both ends are done, and the flow lingers. Its transport now belongs only to its owner, who may still read. */
  rest(flow: Flow): void {
    this.forget(flow)
    this.#host.timers.cancel(flow.slot * TIMERS_PER_FLOW + TRANSPORT)
    flow.transport = spentTransport(flow.transport.protocol)
  }

  /** The flow is over. */
  forget(flow: Flow): void {
    flow.transport.driver = undefined
    this.#buffered -= flow.buffered
    flow.buffered = 0
  }

  /** Sends what may leave, closes a flow that has delivered everything, and sets the transport's timer. */
  #pump(flow: Flow, now: number): void {
    flow.waiting = false
    if (this.#flows.inSlot(flow.slot) !== flow) return
    const { packets, timers } = this.#host
    const { transport } = flow
    while (flow.maySend && packets.data(flow, transport, now)) {}
    this.#buffered += transport.buffered - flow.buffered
    flow.buffered = transport.buffered
    const due = flow.maySend ? transport.nextTimeout() : Infinity
    timers.schedule(flow.slot * TIMERS_PER_FLOW + TRANSPORT, due)
    const { connection } = flow
    const isOpen = connection === CONNECTION.CONNECTED || connection === CONNECTION.CLOSEWAIT
    // The transport delivers its end first; then SAL's FIN confirms it, whether or not the peer is done.
    if (isOpen && transport.finished) this.#close(flow, now)
  }
}
