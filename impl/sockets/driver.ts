/**
 * Drives a host by a real clock and a real link. What comes in goes to the host at once; then the sockets have their
 * turn; what leaves is collected until all that runs now has run, so that many writes make one batch.
 */

import { at } from '../../checker/text/at.ts'
import type { Host } from '../host/host.ts'
import type { Link } from '../link/link.ts'
import { packetDropped, publishDrops } from './channels.ts'
import { MAX_WAIT_MS } from './milliseconds.ts'

/** Something of a socket that is to be done outside of the host, once, however often it was asked for. */
export interface Task {
  isDue: boolean
  run(): void
}

/** A link whose sockets may hold the process, or not. */
interface Holding {
  ref(): void
  unref(): void
}

const isHolding = (link: object): link is Holding => 'ref' in link && 'unref' in link

/** Milliseconds since the epoch, without going back. */
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

  /** `beneath`: the link that has the sockets, under those that only look at what passes. */
  constructor(host: Host, link: Link, beneath: object, now: () => number = realNow) {
    this.host = host
    this.link = link
    this.now = now
    this.#holding = isHolding(beneath) ? beneath : undefined
    this.#holding?.unref()
    link.receive(batch => {
      if (this.#isStopped) return
      host.receive(batch, now())
      if (packetDropped.hasSubscribers) publishDrops(host.counters, this.#counted)
      this.#turn()
    })
  }

  /** Does the task soon, outside of the host. */
  put(task: Task): void {
    if (task.isDue) return
    task.isDue = true
    this.#tasks.push(task)
    this.kick()
  }

  /** The application did something to the host: what follows from it leaves when all that runs now has run. */
  kick(): void {
    if (this.#isKicked || this.#isStopped) return
    this.#isKicked = true
    queueMicrotask(this.#soon)
  }

  /** Keeps the process alive until as many `release`. */
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

  /** What is to leave leaves now; from here on nothing happens any more. */
  stop(): void {
    this.#flush()
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#tasks = []
  }

  /** Sockets first, then what they and the host have to send. */
  #turn(): void {
    this.#work()
    this.kick()
  }

  /** A tick that a microtask asks for comes when no microtask is left: promises of all that was told have gone on. */
  readonly #soon = (): void => process.nextTick(this.#run)

  readonly #run = (): void => {
    this.#isKicked = false
    this.#work()
    this.#flush()
  }

  /** Tasks that are put meanwhile have their turn too: each is there once, and only packets put them again. */
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
      // Of a listener: it goes its way. The task may not have come to its end, and has another turn.
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

  /** A timer that is due too early does nothing but set the next one: cheaper than moving it with each packet. */
  #arm(): void {
    const next = this.host.nextTimeout()
    if (next >= this.#timerDueMs) return
    clearTimeout(this.#timer)
    this.#timerDueMs = next
    const waitMs = Math.min(Math.max(Math.ceil(next - this.now()), 1), MAX_WAIT_MS)
    this.#timer = setTimeout(this.#expire, waitMs)
    if (this.#holders === 0) this.#timer.unref()
  }

  readonly #expire = (): void => {
    this.#timerDueMs = Infinity
    this.host.poll(this.now())
    this.#turn()
  }
}
