/**
 * Shares out work for hosts among turns of the event loop: however much one host asks for, timers, packets and other
 * hosts get their turn. A host has one line in progress at a time, so waiting hosts are served in rotation.
 */

import { at } from '../../checker/text/at.ts'
/** Units of work per turn: about 10 ms. Looking up one service is one unit. */
export const WORK_PER_TURN = 256

export class Turns {
  #left = WORK_PER_TURN
  #isArmed = false
  readonly #waiting: (() => number)[] = []

  /** Resolves when there is room for work of this cost, in this turn or a later one. */
  async take(cost: number): Promise<void> {
    this.#arm()
    if (this.#left > 0 && this.#waiting.length === 0) this.#left -= cost
    else
      await new Promise<void>(go =>
        this.later(() => {
          go()
          return cost
        }),
      )
  }

  /** Runs the work in a later turn with room for it, after everything queued before. It returns its cost. */
  later(work: () => number): void {
    this.#waiting.push(work)
    this.#arm()
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    setImmediate(() => {
      this.#isArmed = false
      this.#left = WORK_PER_TURN
      let served = 0
      while (served < this.#waiting.length && this.#left > 0) this.#left -= at(this.#waiting, served++)()
      this.#waiting.splice(0, served)
      if (this.#waiting.length > 0) this.#arm()
    })
  }
}
