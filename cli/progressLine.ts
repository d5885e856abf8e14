import type { Progress } from '../checker/search/search.ts'
import { printable } from '../checker/text/printable.ts'
import { count, duration, rate } from './screen.ts'

/** Seconds between two lines if a line cannot replace the previous one. */
const PLAIN_EVERY_S = 5

/** Shows progress on standard error: one changing line on a terminal, otherwise a plain line from time to time. */
export class ProgressLine {
  readonly #stream = process.stderr
  readonly #now: () => number
  #last = Number.NEGATIVE_INFINITY

  /** @param now a clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Shows a line that the next one replaces. */
  show(line: string): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[K${printable(line).slice(0, this.#stream.columns - 1)}`)
      return
    }
    if (this.#now() - this.#last < PLAIN_EVERY_S * 1000) return
    this.#last = this.#now()
    this.#stream.write(`${printable(line)}\n`)
  }

  /** Prints a line that stays. */
  say(line: string): void {
    this.#stream.write(`${this.#stream.isTTY ? '\r\x1b[K' : ''}${printable(line)}\n`)
  }
}

const MIB = 2 ** 20

/** Returns the progress of an exploration as a line of text. */
export function progressText(model: string, progress: Progress): string {
  const { distinct, depth, frontier, bytes, pass, of } = progress
  const found = `${model}: ${count(distinct)} states`
  const size = `${count(bytes / MIB)} MB`
  const speed = `${rate(progress.rate)}/s`
  if (pass === 0) return `${found}, ${speed}, depth ${depth}, frontier ${count(frontier)}, ${size}`
  // Threads reserve numbers in blocks, so more numbers may be left than there are states.
  const part = Math.floor((100 * Math.max(0, distinct - frontier)) / distinct)
  const left = progress.rate > 0 ? `, ${speed}, ${duration(frontier / progress.rate)} left` : ''
  // After the last state a pass settles its marks. Its duration is unknown.
  const now = frontier === 0 ? 'settling' : `${part} %${left}`
  return `${found}, depth ${depth}, ${of} pass ${pass}: ${now}, ${size}`
}
