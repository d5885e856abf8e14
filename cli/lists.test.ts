import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { defects } from '../properties/defects/index.ts'
import { planeDefects } from '../properties/simulator/controllers/defects.ts'
import { stackDefects } from '../properties/simulator/defects.ts'
import { models } from '../spec/worlds/index.ts'
import { liveness, recoveries, safety } from '../spec/worlds/invariants.ts'
import { makeProgram } from './program.ts'
import { runServal } from './testing/runServal.ts'

const bound = t.type({ what: t.string, default: t.number, deep: t.number, min: t.number, max: t.number })
const modelList = t.array(
  t.type({ name: t.string, shows: t.string, leavesOut: t.string, bounds: t.record(t.string, bound) }),
)
const invariantList = t.array(
  t.type({
    id: t.string,
    name: t.string,
    kind: t.keyof({ safety: null, recovery: null, liveness: null, prompt: null }),
    sentence: t.string,
    source: t.string,
  }),
)

describe('lists and help', SLOW, () => {
  test('without arguments, serval prints the help with every command and the exit codes', async () => {
    const { status, stdout } = await runServal([])
    expect(status).toBe(0)
    for (const command of ['models', 'invariants', 'check', 'fuzz', 'replay', 'visualize'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect(stdout).toMatch(/0 success, 1 a violation.* 2 wrong usage/)
  })

  test('every --help fits a screen of 40 lines', async () => {
    const program = await makeProgram(() => {})
    const commands = program.commands.flatMap(command =>
      command.commands.length > 0
        ? command.commands.map(sub => [command.name(), sub.name()])
        : [[command.name()]],
    )
    const helps = await Promise.all(
      [[], ...commands].map(async words => ({ words, ...(await runServal([...words, '--help'])) })),
    )
    expect(helps.length).toBeGreaterThan(20)
    const tall = helps.filter(({ status, stdout }) => status !== 0 || stdout.split('\n').length > 41)
    expect(tall.map(({ words }) => words)).toEqual([])
  })

  test('defects: those of the machines, the stack and the service plane, with the models that show them', async () => {
    const { status, stdout } = await runServal(['defects'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^D1 +A host answers a .* two-party,/m)
    expect(stdout).toMatch(/^T1 .* simulate$/m)
    expect(stdout).toMatch(/^P1 .* simulate$/m)
  })

  test('defects --json', async () => {
    const { stdout } = await runServal(['defects', '--json'])
    const ids = JSON.parse(stdout).map(({ id }: { id: string }) => id)
    expect(ids).toEqual([...defects, ...stackDefects, ...planeDefects].map(({ id }) => id))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('defects with an id: the counterexample; for an unknown id, an error', async () => {
    using folder = scratchFolder()
    const found = await runServal(['defects', 's47', '--json'], { cwd: folder.path })
    expect(found.status).toBe(1)
    expect(JSON.parse(found.stdout)).toMatchObject([
      { defect: 'S47', violation: { invariant: '47', name: 'registered-while-bound', steps: 3 } },
    ])
    const unknown = await runServal(['defects', 'D99'])
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringMatching(/^serval: CLI_DEFECT: /)])
  })

  test('models: what each shows and leaves out, and its bounds', async () => {
    const { status, stdout } = await runServal(['models'])
    expect(status).toBe(0)
    expect(stdout.match(/Leaves out: /g)).toHaveLength(models.length)
    expect(stdout).toMatch(/^two-party\n {2}One client and one server/m)
    expect(stdout).toMatch(/^clientMoves +1 +1 +0\.\.3 +moves of the client$/m)
  })

  test('models --json', async () => {
    const { stdout } = await runServal(['models', '--json'])
    const list = JSON.parse(stdout)
    expect(isRight(modelList.decode(list))).toBe(true)
    expect(list.map(({ name }: { name: string }) => name)).toEqual(models.map(({ name }) => name))
  })

  test('invariants: by number and name', async () => {
    const { status, stdout } = await runServal(['invariants'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^18 repeated-rsyn +safety +A repeated RSYN/m)
    expect(stdout).toMatch(/^38 half-closed-moves +recovery +/m)
  })

  test('invariants --json', async () => {
    const { stdout } = await runServal(['invariants', '--json'])
    const list = JSON.parse(stdout)
    expect(isRight(invariantList.decode(list))).toBe(true)
    expect(list).toHaveLength(safety.length + recoveries.length + liveness.length)
  })
})
