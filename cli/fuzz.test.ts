import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { decode } from '../checker/trace/decode.ts'
import { runServal, scratchFolder } from './testing/runServal.ts'

const fuzzed = t.array(
  t.intersection([
    t.type({
      ...{ model: t.string, bounds: t.record(t.string, t.Int), seed: t.Int },
      verdict: t.keyof({ holds: null, violated: null, incomplete: null }),
      ...{ runs: t.Int, steps: t.Int, seconds: t.number, undecided: t.Int },
      coverage: t.type({ states: t.Int, transitions: t.Int, missed: t.array(t.string) }),
    }),
    t.partial({ violation: t.type({ invariant: t.string, steps: t.Int, unshrunk: t.Int, trace: t.string }) }),
  ]),
)

describe.concurrent('serval fuzz', SLOW, () => {
  test('the same seed takes the same walks, at the widest bounds', async () => {
    const args = ['fuzz', 'crossing', '--runs', '3', '--steps', '40', '--seed', '7', '--json']
    const [one, other] = await Promise.all([runServal(args), runServal(args)])
    const [first] = JSON.parse(one.stdout)
    expect(isRight(fuzzed.decode(JSON.parse(one.stdout)))).toBe(true)
    expect(one.status).toBe(0)
    expect(first).toMatchObject({ seed: 7, verdict: 'holds', runs: 3, bounds: { capacity: 12 } })
    expect(first.steps).toBeGreaterThan(10)
    expect(JSON.parse(other.stdout)).toEqual([{ ...first, seconds: expect.any(Number) }])
  })

  test('a defect is found, and its shrunk trace replays', async () => {
    using folder = scratchFolder()
    const run = (...args: string[]) => runServal(args, { cwd: folder.path })
    const { status, stdout } = await run('fuzz', 'off-path', '--defect', 'D2', '--seed', '1')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^off-path \+ D2 .* violated$/m)
    expect(stdout).toMatch(/^Seed 1: --seed 1 takes the same walks again\.$/m)
    const [, path] = must(/^Replay: npx serval replay (.*)$/m.exec(stdout))
    const trace = decode(readFileSync(join(folder.path, must(path)), 'utf8'))
    expect(trace).toMatchObject({ source: 'fuzz', seed: 1, defect: 'D2', expect: 'violated' })
    expect((await run('replay', must(path))).status).toBe(1)
  })

  test('Ctrl-C ends it with what was walked', async () => {
    const args = ['fuzz', 'two-party', '--runs', '1000000', '--json']
    const { status, stdout } = await runServal(args, { interrupt: true })
    expect(status).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject([{ model: 'two-party', verdict: 'incomplete' }])
  })
})
