/** Case studies at small bounds. `example.long.ts` runs the one that starts most processes. */
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { runExample } from './testing/runExample.ts'

describe('serval example runs a case study, judges its claim and draws it', SLOW, () => {
  test('mobile-client', async () => {
    const { status, facts, svg } = await runExample('mobile-client', '--mib', '1', '--outage-ms', '20')
    const { holds, bytes, gapsMs, timeline } = facts
    expect([status, holds, bytes, gapsMs.length]).toEqual([0, true, 2 ** 20, 2])
    // Each network carried some of it.
    for (const { amounts } of timeline.series) expect(Math.max(...amounts)).toBeGreaterThan(0)
    expect(svg).toMatch(/^<svg /)
  })

  test('on-demand', async () => {
    const { status, facts } = await runExample('on-demand', '--idle-ms', '200', '--clients', '3')
    const { holds, started, answers } = facts
    expect([status, holds, started >= 2, answers.length]).toEqual([0, true, true, 8])
  })

  test('partitioned-store', async () => {
    const { status, facts } = await runExample('partitioned-store', '--keys', '100')
    const { holds, failures, stages } = facts
    expect([status, holds, failures, stages.length]).toEqual([0, true, [], 3])
  })
})
