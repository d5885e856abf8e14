import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { must } from '../checker/text/at.ts'
import { decode } from '../checker/trace/decode.ts'
import { runServal, spawnServal } from './testing/runServal.ts'

const fuzzed = t.array(
  t.intersection([
    t.type({
      ...{ model: t.string, bounds: t.record(t.string, t.Int), seed: t.Int },
      verdict: t.keyof({ holds: null, violated: null, incomplete: null }),
      ...{ runs: t.Int, steps: t.Int, seconds: t.number, undecided: t.Int },
      coverage: t.type({ states: t.Int, transitions: t.Int, missed: t.array(t.string) }),
    }),
    t.partial({
      violation: t.type({
        invariant: t.string,
        name: t.string,
        steps: t.Int,
        unshrunk: t.Int,
        trace: t.string,
      }),
    }),
  ]),
)

describe('serval fuzz', SLOW, () => {
  const walks = ['--runs', '3', '--steps', '40', '--seed', '7', '--json']

  test('walks at the widest bounds', async () => {
    const { status, stdout } = await runServal(['fuzz', 'crossing', ...walks])
    const [only] = JSON.parse(stdout)
    expect(isRight(fuzzed.decode(JSON.parse(stdout)))).toBe(true)
    expect(status).toBe(0)
    expect(only).toMatchObject({ seed: 7, verdict: 'holds', runs: 3, bounds: { capacity: 12 } })
    expect(only.steps).toBeGreaterThan(10)
  })

  test('walks the same walks for the same seed', async () => {
    const args = ['fuzz', 'registration', ...walks, '--runs', '20']
    const [first] = JSON.parse((await runServal(args)).stdout)
    expect(first.steps).toBeGreaterThan(10)
    const [other] = JSON.parse((await runServal(args)).stdout)
    expect(other).toEqual({ ...first, seconds: expect.any(Number) })
  })

  test('finds a defect and shrinks its trace, which replays', async () => {
    using folder = scratchFolder()
    const run = (...args: string[]) => runServal(args, { cwd: folder.path })
    const { status, stdout } = await run('fuzz', 'resolution', '--defect', 'S43', '--seed', '1')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^resolution \+ S43 .* violated$/m)
    expect(stdout).toMatch(/^Seed 1: --seed 1 takes the same walks again\.$/m)
    const [, path] = must(/^Replay: npx serval replay (.*)$/m.exec(stdout))
    const trace = decode(readFileSync(join(folder.path, must(path)), 'utf8'))
    expect(trace).toMatchObject({ source: 'fuzz', seed: 1, defect: 'S43', expect: 'violated' })
    expect((await run('replay', must(path))).status).toBe(1)
  })

  test('prints the results so far on Ctrl-C', async () => {
    const args = ['fuzz', 'registration', '--runs', '1000000', '--json']
    const { status, stdout } = await spawnServal(args, { interrupt: true })
    expect(status).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject([{ model: 'registration', verdict: 'incomplete' }])
  })
})
