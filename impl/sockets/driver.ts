/**
 * Drives a host with a real clock and a real link. Incoming packets go to the host immediately; then the sockets run.
 * Outgoing packets leave once all code of this turn has run, so that many writes form one batch.
 */

import { at } from '../../checker/text/at.ts'
import type { Host } from '../host/host.ts'
import type { Link } from '../link/link.ts'
import { MAX_WAIT_MS } from './arguments.ts'
import { packetDropped, publishDrops } from './channels.ts'
import { spareAtExit } from './exit.ts'

/** A timer that fires later than this, ms, follows a stall: a long computation, or a suspended process. */
const STALL_MS = 20
/** The most turns of the event loop that read packets after a stall. Each reads up to 32 datagrams of each address. */
const READING_TURNS = 1000

/** Node's timers have whole milliseconds. */
const LEAST_WAIT_MS = 1

/** Work of a socket that must run outside of the host. Queueing it again before it runs has no effect. */
export interface Task {
  isDue: boolean
  run(): void
}

/** A link whose sockets can keep the process alive. */
interface Holding {
  ref(): void
  unref(): void
}

const isHolding = (link: object): link is Holding => 'ref' in link && 'unref' in link

/** Milliseconds since the epoch; never goes back. */
export const realNow = (): number => performance.timeOrigin + performance.now()

export class Driver {
  readonly host: Host
  readonly link: Link
  readonly now: () => number
  readonly #holding: Holding | undefined
  readonly #counted = {}
  #tasks: Task[] = []
  #isKicked = false
  #isStopped = false
  #holders = 0
  #timer: NodeJS.Timeout | undefined
  #timerDueMs = Infinity
  /** True from a stall until the packets that arrived meanwhile are read. */
  #isReading = false
  #hasReceived = false

  /** `beneath`: the link that owns the sockets, below links that only observe traffic. */
  constructor(host: Host, link: Link, beneath: object, now: () => number = realNow) {
    this.host = host
    this.link = link
    this.now = now
    this.#holding = isHolding(beneath) ? beneath : undefined
    this.#holding?.unref()
    link.receive(batch => {
      if (this.#isStopped) return
      this.#hasReceived = true
      host.receive(batch, now())
      if (packetDropped.hasSubscribers) publishDrops(host.counters, this.#counted)
      this.#turn()
    })
  }

  /** Queues the task, to run outside of the host. */
  put(task: Task): void {
    if (task.isDue) return
    task.isDue = true
    this.#tasks.push(task)
    this.kick()
  }

  /** The application has called the host: sends the resulting packets once all code of this turn has run. */
  kick(): void {
    if (this.#isKicked || this.#isStopped) return
    this.#isKicked = true
    queueMicrotask(this.#soon)
  }

  /** Calls back once after so many ms, which does not keep the process alive. Returns a function that cancels it. */
  later(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, Math.min(Math.max(ms, LEAST_WAIT_MS), MAX_WAIT_MS)).unref()
    return () => clearTimeout(timer)
  }

  /** Keeps the process alive until `release` has been called as often. */
  hold(): void {
    if (this.#holders++ > 0) return
    this.#holding?.ref()
    this.#timer?.ref()
  }

  release(): void {
    if (--this.#holders > 0) return
    this.#holding?.unref()
    this.#timer?.unref()
  }

  /** Sends everything that is due now, and then does nothing any more. */
  stop(): void {
    this.#flush()
    this.#isStopped = true
    spareAtExit(this)
    clearTimeout(this.#timer)
    this.#tasks = []
  }

  /** The process exits: resets all flows, and sends what is due. */
  abandon(): void {
    this.host.abandon(this.now())
    this.stop()
  }

  /** Runs the sockets' tasks, then sends what they and the host have to send. */
  #turn(): void {
    this.#work()
    this.kick()
  }

  /**
   * nextTick callbacks queued from a microtask run after the microtask queue drains, so promises resolved by the tasks
   * have continued by then.
   */
  readonly #soon = (): void => process.nextTick(this.#run)

  readonly #run = (): void => {
    this.#isKicked = false
    this.#work()
    this.#flush()
  }

  /**
   * Also runs tasks that are queued meanwhile. This ends, because a task is queued at most once, and only packets queue
   * it again.
   */
  #work(): void {
    const tasks = this.#tasks
    let done = 0
    try {
      while (done < tasks.length) {
        const task = at(tasks, done++)
        task.isDue = false
        task.run()
      }
    } catch (error) {
      // A listener threw, and the error passes on. The task may be unfinished, so it runs again.
      this.put(at(tasks, done - 1))
      throw error
    } finally {
      tasks.splice(0, done)
    }
  }

  #flush(): void {
    if (this.#isStopped) return
    const batch = this.host.flush(this.now())
    if (batch.length > 0 && this.link.send(batch)) this.host.reclaim()
    this.#arm()
  }

  /** A timer that fires too early only sets the next one. That is cheaper than moving it with each packet. */
  #arm(): void {
    const next = this.host.nextTimeout()
    if (next >= this.#timerDueMs || this.#isReading) return
    clearTimeout(this.#timer)
    this.#timerDueMs = next
    const waitMs = Math.min(Math.max(Math.ceil(next - this.now()), 1), MAX_WAIT_MS)
    this.#timer = setTimeout(this.#expire, waitMs)
    if (this.#holders === 0) this.#timer.unref()
  }

  /** After a stall, answers that have arrived in time are still unread: reads them before their timers expire. */
  readonly #expire = (): void => {
    const lateMs = this.now() - this.#timerDueMs
    this.#timerDueMs = Infinity
    if (lateMs > STALL_MS) this.#readFirst(READING_TURNS)
    else this.#poll()
  }

  /** The event loop reads its sockets before it runs the second of these. */
  #readFirst(turns: number): void {
    this.#isReading = true
    this.#hasReceived = false
    setImmediate(() =>
      setImmediate(() => {
        if (this.#hasReceived && turns > 0) {
          this.#readFirst(turns - 1)
          return
        }
        this.#isReading = false
        this.#poll()
      }),
    )
  }

  #poll(): void {
    if (this.#isStopped) return
    this.host.poll(this.now())
    this.#turn()
  }
}
