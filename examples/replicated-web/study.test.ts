import { describe, expect, test } from 'vitest'
import { Timeline } from '../pictures/timeline.ts'
import { conclude } from './study.ts'
import { NAMES } from './visit.ts'

const timeline = new Timeline(NAMES, () => 0)
const stage = { step: 'b joins', atMs: 0, present: ['a', 'b'], answers: { a: 1, b: 2 } }

describe('the claim', () => {
  test('holds when all who are there answer', () => {
    expect(conclude({ stages: [stage], failures: [], timeline }).holds).toBe(true)
  })

  test('does not when a connection failed', () => {
    expect(conclude({ stages: [stage], failures: ['ECONNREFUSED'], timeline }).holds).toBe(false)
  })

  test('does not when somebody got no share', () => {
    expect(conclude({ stages: [{ ...stage, answers: { a: 3 } }], failures: [], timeline }).holds).toBe(false)
  })

  test('does not when somebody answered who had left', () => {
    const stages = [{ ...stage, present: ['a'] }]
    expect(conclude({ stages, failures: [], timeline }).holds).toBe(false)
  })

  test('does not when nothing was seen', () => {
    expect(conclude({ stages: [], failures: [], timeline }).holds).toBe(false)
  })
})
