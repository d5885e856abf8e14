import type { Progress } from './search.ts'

/** Milliseconds between two reports of progress. */
const REPORT_MS = 250

/** Reports progress a few times a second and notices an abort. Time is asked of the caller's clock. */
export class Pulse {
  readonly #progress: ((progress: Progress) => void) | undefined
  readonly #now: () => number
  readonly #signal: AbortSignal | undefined
  readonly #start: number
  #last: number

  constructor(progress?: (progress: Progress) => void, now: () => number = () => 0, signal?: AbortSignal) {
    this.#progress = progress
    this.#now = now
    this.#signal = signal
    this.#start = now()
    this.#last = this.#start
  }

  get aborted(): boolean {
    return this.#signal?.aborted ?? false
  }

  get signal(): AbortSignal | undefined {
    return this.#signal
  }

  /** Reports if it is time to. */
  beat(known: () => Omit<Progress, 'rate'>): void {
    if (!this.#progress) return
    const now = this.#now()
    if (now - this.#last < REPORT_MS) return
    this.#last = now
    const progress = known()
    this.#progress({ ...progress, rate: (1000 * progress.distinct) / (now - this.#start) })
  }

  /** Lets the process do other things, an abort among them. */
  async rest(): Promise<void> {
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
