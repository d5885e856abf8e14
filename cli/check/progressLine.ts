import type { Progress } from '../../properties/checker/search.ts'
import { count, rate } from '../screen.ts'

/** Seconds between two lines where they cannot be written over. */
const PLAIN_EVERY_S = 5

const MIB = 2 ** 20

/** Shows how far a search is, on standard error: one line that changes on a terminal, plain lines now and then elsewhere. */
export class ProgressLine {
  readonly #stream = process.stderr
  readonly #now: () => number
  #last: number

  /** @param now a clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now
    this.#last = now()
  }

  show(model: string, progress: Progress): void {
    const line = progressText(model, progress)
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[K${line.slice(0, this.#stream.columns - 1)}`)
      return
    }
    if (this.#now() - this.#last < PLAIN_EVERY_S * 1000) return
    this.#last = this.#now()
    this.#stream.write(`${line}\n`)
  }

  /** A line that stays. */
  say(line: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`)
  }
}

export function progressText(model: string, progress: Progress): string {
  const { distinct, depth, frontier, bytes, phase } = progress
  const doing = phase === 'recover' ? 'recoverability' : `frontier ${count(frontier)}`
  return `${model}: ${count(distinct)} states, ${rate(progress.rate)}/s, depth ${depth}, ${doing}, ${count(bytes / MIB)} MB`
}
