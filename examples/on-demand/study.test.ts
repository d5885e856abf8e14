import { describe, expect, test } from 'vitest'
import { Timeline } from '../pictures/timeline.ts'
import { THERE, WAITING } from './ask.ts'
import { conclude } from './study.ts'

const timeline = new Timeline([WAITING, THERE], () => 0)
const answer = { atMs: 0, isCold: true, waitedMs: 1, by: '17' }

describe('the claim', () => {
  test('holds when all were answered by the one that was started', () => {
    expect(conclude({ answers: [answer, answer], started: 1, timeline }).holds).toBe(true)
  })

  test('does not when somebody was not answered', () => {
    const answers = [answer, { ...answer, by: 'ENOTFOUND' }]
    expect(conclude({ answers, started: 1, timeline }).holds).toBe(false)
  })

  test('does not when one was started that nobody needed', () => {
    expect(conclude({ answers: [answer, answer], started: 2, timeline }).holds).toBe(false)
  })

  test('does not when nobody asked', () => {
    expect(conclude({ answers: [], started: 0, timeline }).holds).toBe(false)
  })
})
