import { setTimeout as wait } from 'node:timers/promises'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { redraw } from '../screen.ts'

/** The time between two refreshes, in ms. */
const EVERY_MS = 1000

/** Prints a list once, or refreshes it until Ctrl-C; at a terminal, in the same place. */
export async function watching(isWatch: boolean | undefined, show: () => Promise<void>): Promise<number> {
  if (!isWatch) {
    await show()
    return EXIT.HOLDS
  }
  return interruptible(async signal => {
    while (!signal.aborted) {
      await redraw(show)
      await wait(EVERY_MS, undefined, { signal }).catch(() => {})
    }
    return EXIT.INTERRUPTED
  })
}
