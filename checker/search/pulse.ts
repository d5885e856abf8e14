import type { Progress } from './search.ts'

/** Milliseconds between two reports of progress. */
const REPORT_MS = 250

/** Reports progress a few times a second and notices an abort. The caller's clock gives the time. */
export class Pulse {
  readonly #progress: ((progress: Progress) => void) | undefined
  readonly #now: () => number
  readonly #signal: AbortSignal | undefined
  #last: number
  /**
   * When the current activity was first looked at, how much of it was done then, and how much is done now.
   */
  #since = { time: 0, done: 0 }
  #done = Number.POSITIVE_INFINITY

  constructor(progress?: (progress: Progress) => void, now: () => number = () => 0, signal?: AbortSignal) {
    this.#progress = progress
    this.#now = now
    this.#signal = signal
    this.#last = now()
  }

  get aborted(): boolean {
    return this.#signal?.aborted ?? false
  }

  get signal(): AbortSignal | undefined {
    return this.#signal
  }

  /** Reports if it is time. The first look at an activity reports nothing, because it has no rate yet. */
  beat(known: () => Omit<Progress, 'rate'>): void {
    if (!this.#progress) return
    const now = this.#now()
    if (now - this.#last < REPORT_MS) return
    this.#last = now
    const progress = known()
    const { pass, distinct, frontier } = progress
    const done = pass === 0 ? distinct : distinct - frontier
    const begins = done < this.#done
    this.#done = done
    if (begins) this.#since = { time: now, done }
    else this.#progress({ ...progress, rate: (1000 * (done - this.#since.done)) / (now - this.#since.time) })
  }

  /** Lets the process run other tasks, such as an abort. */
  async rest(): Promise<void> {
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
