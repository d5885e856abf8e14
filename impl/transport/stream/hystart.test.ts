/** RFC 9406: rounds of round-trip samples, each with as many samples as segments. */
import { expect, test } from 'vitest'
import { HyStart } from './hystart.ts'

class Rounds {
  readonly hyStart = new HyStart()
  #position = 0

  /** Returns true if slow start ended in this round. */
  round(roundTripMs: number, samples = 10): boolean {
    let hasEnded = false
    const next = this.#position + samples
    for (let i = 0; i < samples; i++)
      hasEnded = this.hyStart.sample(roundTripMs, this.#position, next) || hasEnded
    this.#position = next
    return hasEnded
  }
}

test('constant round trips change nothing', () => {
  const rounds = new Rounds()
  for (let i = 0; i < 20; i++) expect([rounds.round(100), rounds.hyStart.growth]).toEqual([false, 1])
})

test('a rise by an eighth slows growth, and five such rounds end slow start', () => {
  const rounds = new Rounds()
  rounds.round(100)
  rounds.round(112)
  expect(rounds.hyStart.growth).toBe(1)
  rounds.round(126)
  expect(rounds.hyStart.growth).toBe(0.25)
  expect([1, 2, 3, 4, 5].map(() => rounds.round(127))).toEqual([false, false, false, false, true])
})

test('a brief rise is forgotten', () => {
  const rounds = new Rounds()
  rounds.round(100)
  rounds.round(120)
  expect(rounds.hyStart.growth).toBe(0.25)
  rounds.round(101)
  expect(rounds.hyStart.growth).toBe(1)
})

test.each([
  [8, 11.9, 1],
  [8, 12, 0.25],
  [1000, 1015.9, 1],
  [1000, 1016, 0.25],
])('a rise is at least 4 ms and at most 16 ms: %d to %d', (before, after, growth) => {
  const rounds = new Rounds()
  rounds.round(before)
  rounds.round(after)
  expect(rounds.hyStart.growth).toBe(growth)
})

test('seven samples are too few to decide', () => {
  const rounds = new Rounds()
  rounds.round(100, 7)
  rounds.round(500, 7)
  expect(rounds.hyStart.growth).toBe(1)
})
