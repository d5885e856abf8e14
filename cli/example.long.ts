/** The case study that starts most processes. `example.test.ts` runs the others. */
import { expect, test } from 'vitest'
import { runExample } from './testing/runExample.ts'

test('serval example replicated-web: no request fails while replicas come, move, drain and die', async () => {
  const { status, facts } = await runExample('replicated-web', '--visitors', '4', '--asks', '60')
  const { holds, failures, stages } = facts
  expect([status, holds, failures, stages.length]).toEqual([0, true, [], 7])
})
