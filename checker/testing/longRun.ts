/** Prints the progress of a run that takes minutes: a line now and then, and a line at the end. */

/** Between two lines of progress, ms. */
const EVERY_MS = 30_000

const whole = (value: number): string => Math.round(value).toLocaleString('en')

export class LongRun {
  readonly #name: string
  readonly #total: number
  readonly #beganMs = performance.now()
  readonly #cpuBefore = process.cpuUsage()
  #lastMs = this.#beganMs

  /** `total` counts what the run does, such as lines or worlds. */
  constructor(name: string, total: number) {
    this.#name = name
    this.#total = total
  }

  /** Prints the rate and the time left, at most every 30 s. */
  readonly at = (done: number): void => {
    const now = performance.now()
    if (done === 0 || now - this.#lastMs < EVERY_MS) return
    this.#lastMs = now
    const perSecond = (1000 * done) / (now - this.#beganMs)
    const leftMinutes = (this.#total - done) / perSecond / 60
    const rate = `${perSecond < 10 ? perSecond.toFixed(1) : whole(perSecond)}/s`
    this.#print(`${whole(done)} of ${whole(this.#total)}, ${rate}, ${leftMinutes.toFixed(1)} min left`)
  }

  /** Prints the summary: how long the run took, the CPU time of this process, and `found`. */
  over(found: Readonly<Record<string, number>>): void {
    const { user, system } = process.cpuUsage(this.#cpuBefore)
    const seconds = (performance.now() - this.#beganMs) / 1000
    const counts = Object.entries(found).map(([name, count]) => `${name} ${whole(count)}`)
    const took = `${whole(seconds)} s, ${whole((user + system) / 1e6)} s of CPU`
    this.#print(`${whole(this.#total)} in ${took}: ${counts.join(', ')}`)
  }

  #print(text: string): void {
    process.stdout.write(`${this.#name}: ${text}\n`)
  }
}
