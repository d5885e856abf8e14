import { expect, test } from 'vitest'
import { realClock } from './realClock.ts'

/** The clock's timers do not keep the process alive; this one does. */
const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise(setImmediate)
}

test('returns the time since 1970, and never goes back', () => {
  const clock = realClock()
  const times = Array.from({ length: 100 }, () => clock.now)
  expect(Math.abs(clock.now - Date.now())).toBeLessThan(1000 * 3600)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('runs functions in order of time, never early, and never before `at` returns', async () => {
  const clock = realClock()
  const start = clock.now
  const done: (readonly [string, number])[] = []
  const put = (name: string, afterMs: number) =>
    clock.at(start + afterMs, () => done.push([name, clock.now - start - afterMs]))
  put('late', 12)
  put('early', 3)
  put('early too', 3)
  put('past', -5)
  expect(done).toEqual([])
  await until(() => done.length === 4)
  expect(done.map(([name]) => name)).toEqual(['past', 'early', 'early too', 'late'])
  expect(done.every(([, lateMs]) => lateMs >= 0)).toBe(true)
})

test('a function that reschedules itself lets the event loop run', async () => {
  const clock = realClock()
  let turns = 0
  const again = (): void => {
    turns++
    clock.at(clock.now, again)
  }
  again()
  await until(() => turns > 3)
  clock.stop()
  const after = turns
  let isPast = false
  const other = realClock()
  other.at(other.now + 5, () => {
    isPast = true
  })
  await until(() => isPast)
  expect(turns).toBe(after)
})

test('waits in parts for a time beyond the range of timers', async () => {
  const clock = realClock()
  const done: string[] = []
  clock.at(clock.now + 2 ** 40, () => done.push('never'))
  clock.at(Number.POSITIVE_INFINITY, () => done.push('never'))
  clock.at(clock.now + 2, () => done.push('soon'))
  await until(() => done.length > 0)
  expect(done).toEqual(['soon'])
  clock.stop()
})
