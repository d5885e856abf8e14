/**
 * Runs unmodified stacks, agents and controllers in virtual time: replaces the clocks and timers of Node while a run
 * lasts. Each timer belongs to the simulated process that set it, also through promises, so that a process can be
 * stopped and killed.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import { must } from '../../../checker/text/at.ts'
import { Agenda } from '../../../impl/link/agenda.ts'
import type { Clock } from '../../../impl/link/link.ts'
import type { Process } from './process.ts'

/** When every run begins, ms since 1970: any time will do. */
const START_MS = 1_800_000_000_000
/** Steps of one run: one that needs more never ends. */
const STEPS_LIMIT = 20_000_000

type Work = (...args: unknown[]) => void

/** What `setTimeout` returns. Nothing keeps a simulation alive, so `ref` and `unref` have no effect. */
class Timer {
  isOver = false
  readonly #again: (timer: Timer) => void

  constructor(again: (timer: Timer) => void) {
    this.#again = again
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  refresh(): this {
    this.#again(this)
    return this
  }
}

/** The functions of Node that a run replaces. */
const real = {
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  setImmediate: globalThis.setImmediate,
  clearTimeout: globalThis.clearTimeout,
  clearInterval: globalThis.clearInterval,
  clearImmediate: globalThis.clearImmediate,
}

export class VirtualTime implements Clock {
  readonly #agenda = new Agenda()
  readonly #process = new AsyncLocalStorage<Process>()
  #now = 0
  steps = 0

  /** Since the beginning of the run, ms. */
  get now(): number {
    return this.#now
  }

  /** The process whose code runs; undefined outside of all. */
  get current(): Process | undefined {
    return this.#process.getStore()
  }

  /** Runs something of no process. */
  at(timeMs: number, run: () => void): void {
    this.#agenda.put(Math.max(timeMs, this.#now), run)
  }

  /** Runs something as this process, unless it is stopped or dead. */
  as(process: Process, run: () => void): void {
    process.run(() => this.#process.run(process, run))
  }

  /** Runs everything up to and including this time, in order. Whatever one step resolves continues before the next. */
  async advance(toMs: number): Promise<void> {
    await settled()
    while (this.#agenda.nextMs <= toMs) {
      if (++this.steps > STEPS_LIMIT) throw new Error(`more than ${STEPS_LIMIT} steps`)
      this.#now = Math.max(this.#now, this.#agenda.nextMs)
      must(this.#agenda.take())()
      await settled()
    }
    this.#now = Math.max(this.#now, toMs)
  }

  /** Replaces Node's clocks and timers until `work` is over. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    const restore = this.#install()
    try {
      return await work()
    } finally {
      restore()
    }
  }

  #install(): () => void {
    const { now: dateNow } = Date
    const { timeout } = AbortSignal
    const { setTimeout: wait } = timersPromises
    const clear = (timer: unknown): void => {
      if (timer instanceof Timer) timer.isOver = true
    }
    const replaced = {
      setTimeout: (work: Work, ms?: number, ...args: unknown[]) => this.#timer(ms, () => work(...args)),
      setInterval: (work: Work, ms?: number, ...args: unknown[]) => {
        const timer = this.#timer(ms, () => {
          work(...args)
          timer.refresh()
        })
        return timer
      },
      setImmediate: (work: Work, ...args: unknown[]) => this.#timer(0, () => work(...args)),
      ...{ clearTimeout: clear, clearInterval: clear, clearImmediate: clear },
    }
    Object.assign(globalThis, replaced)
    Date.now = () => Math.floor(START_MS + this.#now) + (this.current?.skewMs ?? 0)
    performance.now = () => START_MS + this.#now - performance.timeOrigin
    AbortSignal.timeout = ms => {
      const controller = new AbortController()
      this.#timer(ms, () => controller.abort(new DOMException('it took too long', 'TimeoutError')))
      return controller.signal
    }
    timersPromises.setTimeout = ((ms?: number, value?: unknown) =>
      new Promise<unknown>(resolve => this.#timer(ms, () => resolve(value)))) as typeof wait
    syncBuiltinESMExports()
    return () => {
      Object.assign(globalThis, real)
      Date.now = dateNow
      Reflect.deleteProperty(performance, 'now')
      AbortSignal.timeout = timeout
      timersPromises.setTimeout = wait
      syncBuiltinESMExports()
    }
  }

  /** Node waits at least 1 ms, except for `setImmediate`. */
  #timer(ms: number | undefined, work: () => void): Timer {
    const process = this.current
    const waitMs = ms === 0 ? 0 : Math.max(1, Number(ms) || 0)
    const fire = (timer: Timer): void => {
      if (timer.isOver) return
      if (process === undefined) work()
      else
        process.run(() => {
          if (!timer.isOver) this.#process.run(process, work)
        })
    }
    const set = (timer: Timer): void => this.at(this.#now + waitMs, () => fire(timer))
    const timer = new Timer(set)
    set(timer)
    return timer
  }
}

/** Resolves when all microtasks and nextTick callbacks have run. */
const settled = (): Promise<void> => new Promise(resolve => real.setImmediate(resolve))
