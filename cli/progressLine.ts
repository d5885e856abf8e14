import { printable } from '../checker/text/printable.ts'

/** Seconds between two lines where they cannot be written over. */
const PLAIN_EVERY_S = 5

/** Shows how far work is, on standard error: one line that changes on a terminal, plain lines now and then elsewhere. */
export class ProgressLine {
  readonly #stream = process.stderr
  readonly #now: () => number
  #last = Number.NEGATIVE_INFINITY

  /** @param now a clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** A line that the next one replaces. */
  show(line: string): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[K${printable(line).slice(0, this.#stream.columns - 1)}`)
      return
    }
    if (this.#now() - this.#last < PLAIN_EVERY_S * 1000) return
    this.#last = this.#now()
    this.#stream.write(`${printable(line)}\n`)
  }

  /** A line that stays. */
  say(line: string): void {
    this.#stream.write(`${this.#stream.isTTY ? '\r\x1b[K' : ''}${printable(line)}\n`)
  }
}
