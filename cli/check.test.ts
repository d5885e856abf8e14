import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { countStates, hasSpin } from '../checker/testing/spin.ts'
import { at, must } from '../checker/text/at.ts'
import { decode } from '../checker/trace/decode.ts'
import { delayInvariants } from '../spec/worlds/delay/invariants.ts'
import { mergeChecked } from './check/merge.ts'
import { takeCheckUnit } from './check/unit.ts'
import { LAUNCHER, runServal, spawnServal } from './testing/runServal.ts'

const model = t.exact(
  t.intersection([
    t.type({
      model: t.string,
      bounds: t.record(t.string, t.Int),
      verdict: t.keyof({ holds: null, violated: null, incomplete: null }),
      distinct: t.Int,
      generated: t.Int,
      depth: t.Int,
      seconds: t.number,
      workers: t.Int,
      bytesPerState: t.number,
      invariants: t.array(t.string),
      coverage: t.strict({ states: t.Int, transitions: t.Int, missed: t.array(t.string) }),
      idle: t.array(t.string),
      untried: t.array(t.string),
    }),
    t.partial({
      defect: t.string,
      reason: t.string,
      violation: t.strict({
        invariant: t.string,
        name: t.string,
        kind: t.string,
        steps: t.Int,
        trace: t.string,
      }),
    }),
  ]),
)

/** A model without flows, which takes little time to lower, at bounds at which it has few states. */
const SMALL = ['delay', '--bound', 'first=1', '--bound', 'second=1', '--workers', '1']

describe('serval check', SLOW, () => {
  test('a model that holds: a table, its meaning, and exit code 0', async () => {
    using folder = scratchFolder()
    const { status, stdout, stderr } = await runServal(['check', ...SMALL], { cwd: folder.path })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^MODEL +STATES .*VERDICT\ndelay +[\d,]+ .* holds$/m)
    expect(stdout).toMatch(/Transitions of the machines taken: \d+ of \d+\./)
    expect(stdout).toMatch(/The checker visited all 14,922 reachable states of 1 model/)
    expect(stdout).toMatch(/^delay, prompt +900 .* holds$/m)
    expect(stderr).toMatch(/delay: holds, [\d,]+ states in/)
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('--json: the documented shape, all properties checked, and the same counts with several workers', async () => {
    const one = at(parse((await runServal(['check', ...SMALL, '--json'])).stdout), 0)
    const many = at(parse((await runServal(['check', ...SMALL, '--workers', '2', '--json'])).stdout), 0)
    expect(one).toMatchObject({
      model: 'delay',
      verdict: 'holds',
      workers: 1,
      bounds: { first: 1, second: 1 },
    })
    const endless = delayInvariants.liveness.filter(({ isPrompt }) => !isPrompt)
    const ids = [...delayInvariants.safety, ...delayInvariants.recoveries, ...endless].map(({ id }) => id)
    expect(new Set(one.invariants)).toEqual(new Set([...ids, 'deadlock']))
    expect(one.coverage.transitions).toBeGreaterThan(0)
    expect(one.coverage.missed).toContain('delayQueue delayQueue.IDLE MISS #3')
    expect(one.violation).toBeUndefined()
    expect(many).toEqual({ ...one, workers: 2, seconds: many.seconds, bytesPerState: many.bytesPerState })
  })

  test('several models side by side: the results of one after the other, in the same order', async () => {
    const bounds = ['capacity=1', 'connects=1', 'changes=2'].flatMap(bound => ['--bound', bound])
    const check = async (workers: string) => {
      const { status, stdout } = await runServal([
        ...['check', 'resolution', ...SMALL.slice(0, -2), ...bounds, '--workers', workers, '--json'],
      ])
      expect(status).toBe(0)
      const found = t.array(model).decode(JSON.parse(stdout))
      if (isLeft(found)) throw new Error('not the documented shape')
      // Times and sizes depend on the threads.
      return found.right.map(one => ({ ...one, seconds: 0, workers: 0, bytesPerState: 0 }))
    }
    const [alone, beside] = [await check('1'), await check('2')]
    expect(beside).toEqual(alone)
    expect(beside.map(one => one.model)).toEqual(['resolution', 'delay', 'delay'])
  })

  test('a defect: the steps, a trace that replays, and exit code 1', async () => {
    using folder = scratchFolder()
    const run = (...args: string[]) => runServal(args, { cwd: folder.path })
    const { status, stdout } = await run('check', 'registration', '--defect', 'S47')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^registration \+ S47 .* violated$/m)
    expect(stdout).toMatch(/violated: (\d+) [a-z-]+, at step \d+\./)
    const [, command, path] = must(/^Replay: npx (serval replay (.*))$/m.exec(stdout))
    expect(decode(readFileSync(join(folder.path, must(path)), 'utf8'))).toMatchObject({
      ...{ model: 'registration', defect: 'S47', source: 'check', expect: 'violated' },
    })
    const replayed = await run(...must(command).split(' ').slice(1))
    expect(replayed.status).toBe(1)
    expect(replayed.stdout).toMatch(/The verdict is as recorded: violated/)
  })

  test('--defect without a model checks the models that show it; --trace and --json report the trace file', async () => {
    using folder = scratchFolder()
    const args = ['check', '--defect', 's47', '--trace', 'below/s47.json', '--json']
    const { status, stdout } = await runServal(args, { cwd: folder.path })
    const [first] = parse(stdout)
    expect(status).toBe(1)
    expect(first).toMatchObject({ model: 'registration', defect: 'S47', verdict: 'violated' })
    const trace = decode(readFileSync(join(folder.path, 'below/s47.json'), 'utf8'))
    expect(must(first).violation).toEqual({
      ...{ invariant: trace.invariant, name: 'registered-while-bound', kind: 'invariant' },
      ...{ steps: trace.steps.length, trace: 'below/s47.json' },
    })
  })

  test.each(['63', 'readable-data'])('--invariant %s checks only that invariant', async called => {
    const args = ['check', 'negotiation', '--defect', 'S62', '--invariant', called, '--json']
    using folder = scratchFolder()
    const { stdout } = await runServal(args, { cwd: folder.path })
    expect(parse(stdout)[0]).toMatchObject({
      invariants: ['63'],
      violation: { invariant: '63', name: 'readable-data' },
    })
    expect(readdirSync(join(folder.path, 'out'))).toEqual(['negotiation-S62-63.trace.json'])
  })

  test.each([
    [['52p'], [['52p']]],
    [
      ['50', '52p'],
      [['50'], ['52p']],
    ],
  ])('--invariant %j chooses the worlds that have them', async (called, expected) => {
    const args = called.flatMap(id => ['--invariant', id])
    const { stdout } = await runServal(['check', ...SMALL, ...args, '--json'])
    expect(parse(stdout).map(({ invariants }) => invariants)).toEqual(expected)
  })

  test('out of memory: incomplete, exit code 1, how far the search got, and what to do', async () => {
    const { status, stdout } = await runServal(['check', 'delay', '--workers', '1', '--memory', '1'])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^delay .* incomplete$/m)
    expect(stdout.replaceAll('\n', ' ')).toMatch(/memory limit of 1 MB .* at depth \d+, .* --memory/)
  })

  test('a model that misses a witness is incomplete; with other bounds this is only a note', async () => {
    const { status, stdout } = await runServal(['check', ...SMALL])
    expect(status).toBe(0)
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /delay reaches no state with these witnesses at these bounds: a service has no room for another packet/,
    )
    const variant = { model: 'delay', bounds: { first: 1, second: 1 } }
    const world = { job: { variant, demanding: true }, invariants: 'all' } as const
    const effort = { kind: 'check', workers: 1, memoryMb: 64 } as const
    const reply = await takeCheckUnit({ ...world, ...effort }, { progress: () => {} })
    const { verdict, reason } = mergeChecked(world, { ...effort, worlds: [world] }, [reply])
    expect(verdict).toBe('incomplete')
    expect(reason).toMatch(/^the model never showed what it must: a service has no room/)
  })

  test('Ctrl-C prints the results so far', async () => {
    const args = ['check', 'two-party', 'crossing', '--deep', '--workers', '1']
    const { status, stdout } = await spawnServal(args, { script: LAUNCHER, interrupt: true })
    expect(status).toBe(130)
    expect(stdout).toMatch(/^two-party .* incomplete$/m)
    expect(stdout).toMatch(/Interrupted: 3 worlds not begun/)
  })

  test('--promela: SPIN counts the same states', { skip: !hasSpin() }, async () => {
    using folder = scratchFolder()
    const path = join(folder.path, 'delay.pml')
    const { stdout } = await runServal(['check', ...SMALL, '--promela', path, '--json'])
    const counted = await countStates(readFileSync(path, 'utf8'), {
      dir: folder.path,
      flags: ['-O0'],
      hashBits: 18,
    })
    expect(counted).toMatchObject({ distinct: at(parse(stdout), 0).distinct })
  })
})

/** The one JSON value of `check --json`, with nothing in it that is not documented. */
function parse(stdout: string): readonly t.TypeOf<typeof model>[] {
  const decoded = t.array(model).decode(JSON.parse(stdout))
  if (isLeft(decoded)) throw new Error(`not the documented shape: ${stdout}`)
  expect(decoded.right).toEqual(JSON.parse(stdout))
  return decoded.right
}
