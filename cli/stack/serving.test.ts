import { once } from 'node:events'
import { expect, test } from 'vitest'
import { deferred } from '../../impl/sockets/deferred.ts'
import { durationOption } from '../options.ts'
import { Serving } from './serving.ts'

const LONG_MS = 60_000

test('a connection continues while the command drains, and the wait ends with it', async () => {
  const serving = new Serving()
  const { promise, resolve } = deferred<void>()
  let signal: AbortSignal | undefined
  const work = serving.during(ended => {
    signal = ended
    return promise
  })
  const ended = serving.end(LONG_MS)
  expect(signal?.aborted).toBe(false)
  resolve()
  await Promise.all([work, ended])
  expect(serving.hasEnded).toBe(true)
})

test('when the time is over, the signal ends what is left', async () => {
  const serving = new Serving()
  const work = serving.during(async ended => void (await once(ended, 'abort')))
  await serving.end(1)
  await work
  expect(serving.hasEnded).toBe(true)
})

test.each([
  ['30s', 30_000],
  ['500ms', 500],
  ['2m', 120_000],
  ['30', 30_000],
])('%s is %d ms', (text, ms) => {
  expect(durationOption('--drain', 0, 3_600_000)(text)).toBe(ms)
})

test.each(['', 's', '1.5s', '-1s', '2h', '61m'])('%j is no time', text => {
  expect(() => durationOption('--drain', 0, 3_600_000)(text)).toThrow(
    /^CLI_NUMBER: --drain is '.*'; write a time from 0ms to 1h, /,
  )
})
