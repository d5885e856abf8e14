import { describe, expect, test } from 'vitest'
import { Timeline } from '../pictures/timeline.ts'
import { NETWORKS } from './download.ts'
import { conclude } from './study.ts'

const path = (local: string) => ({ local, remote: '127.0.0.9:1', reason: 'address gone' }) as const

const got = {
  ...{ bytes: 1, sha256: 'a', seconds: 1, longestGapMs: 1, gapsMs: [1, 1], failure: '' },
  paths: [path('127.0.0.3:1'), path('127.0.0.4:1')],
  timeline: new Timeline(
    NETWORKS.map(({ name }) => name),
    () => 0,
  ),
}

describe('the claim', () => {
  test('holds when all came through all networks', () => {
    expect(conclude(got, 'a', 0).holds).toBe(true)
  })

  test('does not when other bytes came', () => {
    expect(conclude(got, 'b', 0).holds).toBe(false)
  })

  test('does not when the connection broke', () => {
    expect(conclude({ ...got, failure: 'ETIMEDOUT' }, 'a', 0).holds).toBe(false)
  })

  test('does not when a network was left out', () => {
    expect(conclude({ ...got, paths: got.paths.slice(1) }, 'a', 0).holds).toBe(false)
  })
})
