import type { Progress } from './search.ts'

/** Milliseconds between two reports of progress. */
const REPORT_MS = 250

/** Reports progress a few times a second and notices an abort. Time is asked of the caller's clock. */
export class Pulse {
  readonly #progress: ((progress: Progress) => void) | undefined
  readonly #now: () => number
  readonly #signal: AbortSignal | undefined
  #last: number
  /** When what is going on now was first looked at, and how much of it was done then, and is now. */
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

  /** Reports if it is time to, and if it has looked before since this began: there is no rate without. */
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

  /** Lets the process do other things, an abort among them. */
  async rest(): Promise<void> {
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
