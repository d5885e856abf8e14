/**
 * Work for hosts, shared out among the turns of the event loop: timers, packets and the lines of other hosts have their turn
 * however much one host asks for. A host has one line at work, so hosts that wait are served in a circle.
 */

import { at } from '../../checker/text/at.ts'
/** Units of work in a turn: some 10 ms. A line that looks one service up is one. */
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

  /** Does the work in a later turn, when there is room for it and all that was asked for before is done. It returns its cost. */
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
