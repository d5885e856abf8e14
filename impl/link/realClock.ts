/** The clock of the rim: real time, and one timer for all that is to be done. */
import { must } from '../../checker/text/at.ts'
import { Agenda } from './agenda.ts'
import type { Clock } from './clock.ts'

export interface RealClock extends Clock {
  /** Forgets what was to be done. */
  stop(): void
}

/** The longest that Node's timers can wait, ms; what is later is looked at again then. */
const MAX_WAIT_MS = 2 ** 31 - 1

/** Milliseconds since the epoch, without going back. What waits does not keep the process alive. */
export function realClock(): RealClock {
  const agenda = new Agenda()
  let timer: NodeJS.Timeout | undefined
  let dueMs = Number.POSITIVE_INFINITY
  const now = (): number => performance.timeOrigin + performance.now()
  const arm = (): void => {
    if (agenda.nextMs >= dueMs) return
    clearTimeout(timer)
    dueMs = agenda.nextMs
    timer = setTimeout(run, Math.min(Math.max(Math.ceil(dueMs - now()), 0), MAX_WAIT_MS))
    timer.unref()
  }
  const run = (): void => {
    dueMs = Number.POSITIVE_INFINITY
    // What is put while this runs has its turn later, so that the event loop does.
    for (let count = agenda.size; count > 0 && agenda.nextMs <= now(); count--) must(agenda.take())()
    arm()
  }
  return {
    get now() {
      return now()
    },
    at(timeMs, run) {
      agenda.put(timeMs, run)
      arm()
    },
    stop() {
      agenda.clear()
      clearTimeout(timer)
      dueMs = Number.POSITIVE_INFINITY
    },
  }
}
