import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder, spawnServal } from './testing/runServal.ts'

/** Runs a case study at small bounds. Returns what `--json` prints, and the picture. */
async function small(name: string, ...options: string[]) {
  using folder = scratchFolder()
  const { status, stdout } = await spawnServal(['example', name, ...options, '--json'], { cwd: folder.path })
  const facts = JSON.parse(stdout)
  return { status, facts, svg: readFileSync(join(folder.path, facts.picture), 'utf8') }
}

describe('serval example runs a case study, judges its claim and draws it', SLOW, () => {
  test('mobile-client', async () => {
    const { status, facts, svg } = await small('mobile-client', '--mib', '1', '--outage-ms', '20')
    const { holds, bytes, gapsMs, timeline } = facts
    expect([status, holds, bytes, gapsMs.length]).toEqual([0, true, 2 ** 20, 2])
    // Each network carried some of it.
    for (const { amounts } of timeline.series) expect(Math.max(...amounts)).toBeGreaterThan(0)
    expect(svg).toMatch(/^<svg /)
  })

  test('on-demand', async () => {
    const { status, facts } = await small('on-demand', '--idle-ms', '200', '--clients', '3')
    const { holds, started, answers } = facts
    expect([status, holds, started >= 2, answers.length]).toEqual([0, true, true, 8])
  })

  test('partitioned-store', async () => {
    const { status, facts } = await small('partitioned-store', '--keys', '100')
    const { holds, failures, stages } = facts
    expect([status, holds, failures, stages.length]).toEqual([0, true, [], 3])
  })

  test('replicated-web', async () => {
    const { status, facts } = await small('replicated-web', '--visitors', '4', '--asks', '60')
    const { holds, failures, stages } = facts
    expect([status, holds, failures, stages.length]).toEqual([0, true, [], 7])
  })
})
