import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { models } from '../spec/worlds/index.ts'
import { recoveries, safety } from '../spec/worlds/invariants.ts'
import { runServal } from './testing/runServal.ts'

const bound = t.type({ what: t.string, default: t.number, deep: t.number, min: t.number, max: t.number })
const modelList = t.array(
  t.type({ name: t.string, shows: t.string, leavesOut: t.string, bounds: t.record(t.string, bound) }),
)
const invariantList = t.array(
  t.type({
    id: t.string,
    name: t.string,
    kind: t.keyof({ safety: null, recovery: null }),
    sentence: t.string,
    source: t.string,
  }),
)

describe('what there is', SLOW, () => {
  test('without arguments: the help, with every command and the exit codes', async () => {
    const { status, stdout } = await runServal([])
    expect(status).toBe(0)
    for (const command of ['models', 'invariants', 'check', 'fuzz', 'replay', 'visualize'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect(stdout).toMatch(/0 success, 1 a violation.* 2 wrong usage/)
  })

  test('check --help names the defects', async () => {
    const { status, stdout } = await runServal(['check', '--help'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^ {2}D1 {3}A repeated RSYN/m)
  })

  test('models, with what they show, what they leave out and their bounds', async () => {
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

  test('invariants, by number and name', async () => {
    const { status, stdout } = await runServal(['invariants'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^18 repeated-rsyn +safety +A repeated RSYN gets/m)
    expect(stdout).toMatch(/^38 half-closed-moves +recovery +/m)
  })

  test('invariants --json', async () => {
    const { stdout } = await runServal(['invariants', '--json'])
    const list = JSON.parse(stdout)
    expect(isRight(invariantList.decode(list))).toBe(true)
    expect(list).toHaveLength(safety.length + recoveries.length)
  })
})
