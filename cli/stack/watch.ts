import { setTimeout as wait } from 'node:timers/promises'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'

/** Between two looks, ms. */
const EVERY_MS = 1000

/** Back to the corner, and what was there is gone. */
const CLEAR = '\x1b[H\x1b[J'

/** Shows what there is, once, or again and again until Ctrl-C: at a terminal in the same place. */
export async function watching(isWatch: boolean | undefined, show: () => Promise<void>): Promise<number> {
  if (!isWatch) {
    await show()
    return EXIT.HOLDS
  }
  return interruptible(async signal => {
    while (!signal.aborted) {
      if (process.stdout.isTTY) process.stdout.write(CLEAR)
      await show()
      await wait(EVERY_MS, undefined, { signal }).catch(() => {})
    }
    return EXIT.INTERRUPTED
  })
}
