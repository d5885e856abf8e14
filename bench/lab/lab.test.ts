/** Four short runs of the lab, without its delays. `npm run lab` has the others, and measures. */
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { namespacesForTests } from '../../cli/testing/namespaces.ts'
import { meet } from './meeting.ts'
import { picture } from './picture.ts'
import { type Result, run, type Scenario } from './run.ts'
import { SCENARIOS } from './scenarios.ts'

const scenario = (name: string): Scenario => must(SCENARIOS.find(one => one.name === name))
const short = (name: string): Promise<Result> =>
  run({ ...scenario(name), bytes: 1_500_000, faultAfterMs: 500 }, false)

describe.skipIf(!namespacesForTests())('in namespaces, a download survives', SLOW, () => {
  test('a router that forgets its connections', async () => {
    const { isWhole, events, samples, faultMs } = await short('nat-forgets')
    expect([isWhole, events.map(({ event }) => event)]).toEqual([true, ['fault']])
    expect(must(samples.at(-1)).t).toBeGreaterThan(faultMs)
  })

  test('a dead path whose interface stays up', async () => {
    const { isWhole, events } = await short('dead-path')
    expect(isWhole).toBe(true)
    expect(events.map(({ event }) => event)).toContain('path silent')
  })

  test('two routers that translate: the client leaves the relay for a direct path', async () => {
    const { isWhole, directMs } = await meet('kept', 1_500_000)
    expect([isWhole, directMs !== undefined]).toEqual([true, true])
  })

  test('two routers that choose random ports: the relay carries everything', async () => {
    expect(await meet('random', 1_500_000)).toMatchObject({ isWhole: true, directMs: undefined })
  })
})

describe('the picture of a run', () => {
  const result: Result = {
    scenario: scenario('outage'),
    samples: [
      { t: 100, bytes: 50_000 },
      { t: 1000, bytes: 1_000_000 },
      { t: 5000, bytes: 2_000_000 },
    ],
    events: [
      { t: 1500, event: 'fault' },
      { t: 4000, event: 'address <gone>' },
    ],
    faultMs: 1500,
    gapMs: 3500,
    isWhole: true,
    segmentBytes: 1408,
    rules: undefined,
  }

  test('has the curve, the gap and all events, and is well-formed', () => {
    const svg = picture(result)
    expect(svg).toContain('both links are down for 4 s')
    expect(svg).toContain('longest gap 3500 ms; nothing lost')
    expect(svg).toContain('address &lt;gone&gt;')
    // From (60, 220) to (700, 40): 5 s and 2 MB.
    expect(svg).toContain('<path d="M72.8 215.5H188.0V130.0H700.0V40.0"')
    expect(svg).toContain('<rect x="252.0" y="40" width="448.0"')
    expect(svg).toBe(picture(result))
  })

  test('says when the connection ended', () => {
    expect(picture({ ...result, isWhole: false })).toContain('longest gap 3500 ms; the connection ended')
  })
})

test('each fault has a name of its own', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length)
})
