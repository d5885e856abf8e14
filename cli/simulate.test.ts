import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { must } from '../checker/text/at.ts'
import { readCapture } from '../impl/link/readCapture.ts'
import { decodePlan } from '../properties/simulator/decode.ts'
import { encodePlan } from '../properties/simulator/encode.ts'
import { generatePlan } from '../properties/simulator/generate.ts'
import type { Plan } from '../properties/simulator/plan.ts'
import { runServal, spawnServal } from './testing/runServal.ts'

const simulated = t.intersection([
  t.type({
    ...{ seed: t.Int, hosts: t.Int, routers: t.Int, instances: t.Int, faults: t.string, seconds: t.number },
    verdict: t.keyof({ holds: null, violated: null, incomplete: null }),
    ...{ runs: t.Int, flows: t.Int, excused: t.Int, steps: t.Int, packets: t.Int, heard: t.Int },
    ...{ forwarded: t.Int, relayed: t.Int },
    ...{ transitions: t.Int, allTransitions: t.Int },
  }),
  t.partial({
    defect: t.string,
    path: t.string,
    unshrunk: t.Int,
    findings: t.array(t.type({ rule: t.string, atMs: t.number, what: t.string })),
  }),
])

const planes = t.intersection([
  t.type({
    ...{ kind: t.literal('plane'), seed: t.Int, hosts: t.Int, routers: t.Int, seconds: t.number },
    verdict: t.keyof({ holds: null, violated: null, incomplete: null }),
    ...{ runs: t.Int, ms: t.number, steps: t.Int, compared: t.Int, answers: t.Int },
  }),
  t.partial({
    ...{ defect: t.string, path: t.string, unshrunk: t.Int },
    findings: t.array(t.type({ rule: t.string, atMs: t.number, what: t.string })),
  }),
])

/** For each of these hosts of a plan, the options that name all its addresses. */
const addressesOf = ({ addresses }: Plan, ...hosts: readonly number[]): string[][] =>
  hosts.map(host => Array.from({ length: addresses }, (_, a) => ['--host', `10.${a}.0.${host + 1}`]).flat())

describe('serval simulate', SLOW, () => {
  test('the same seed gives the same runs', async () => {
    const args = ['simulate', '--runs', '40', '--seed', '7', '--hosts', '2', '--json']
    const [one, other] = await Promise.all([runServal(args), runServal(args)])
    const first = JSON.parse(one.stdout)
    expect(isRight(simulated.decode(first))).toBe(true)
    expect(one.status).toBe(0)
    expect(first).toMatchObject({ seed: 7, verdict: 'holds', runs: 40, hosts: 2, faults: 'harsh' })
    expect(JSON.parse(other.stdout)).toEqual({ ...first, seconds: expect.any(Number) })
  })

  test('finds a defect, and its shrunk plan runs again with the defect and without', async () => {
    using folder = scratchFolder()
    const run = (...args: string[]) => runServal(args, { cwd: folder.path })
    const { status, stdout } = await run('simulate', '--defect', 't4', '--seed', '1')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^Violated: frozen\./m)
    expect(stdout).toMatch(/^harsh \+ T4 .* violated$/m)
    const [, path] = must(/^Replay: npx serval simulate (.*)$/m.exec(stdout))
    const plan = decodePlan(readFileSync(join(folder.path, must(path)), 'utf8'))
    expect(plan).toMatchObject({ defect: 'T4', breaks: 'frozen' })
    const again = await run('simulate', must(path), '--json')
    expect(again.status).toBe(1)
    const { verdict, findings } = JSON.parse(again.stdout)
    expect([verdict, findings[0].rule]).toEqual(['violated', 'frozen'])
  })

  test('a plan that holds: exit code 0', async () => {
    using folder = scratchFolder()
    const plan = generatePlan({ seed: 1, hosts: 2, faults: 'mild' })
    writeFileSync(join(folder.path, 'plan.json'), encodePlan(plan))
    const { status, stdout } = await runServal(['simulate', 'plan.json'], { cwd: folder.path })
    expect(status).toBe(0)
    expect(stdout).toMatch(/SHA-256 of all packets [0-9a-f]{64}\nholds\n$/)
  })

  test('a replayed plan writes a capture that validate reads, and a sequence diagram', async () => {
    using folder = scratchFolder()
    const run = (...args: string[]) => runServal(args, { cwd: folder.path })
    const plan = generatePlan({ seed: 26, hosts: 3, routers: 1, faults: 'harsh' })
    writeFileSync(join(folder.path, 'plan.json'), encodePlan(plan))
    const files = ['--capture', 'out/run.pcapng', '--diagram', 'out/run.html']
    const [plain, replayed] = await Promise.all([
      run('simulate', 'plan.json', '--json'),
      run('simulate', 'plan.json', ...files, '--json'),
    ])
    expect([replayed.status, replayed.stderr]).toEqual([0, ''])
    expect(JSON.parse(replayed.stdout)).toEqual(JSON.parse(plain.stdout))

    const { packets, flows } = JSON.parse(plain.stdout)
    const capture = readCapture(readFileSync(join(folder.path, 'out/run.pcapng')))
    expect(capture.datagrams.filter(({ direction }) => direction === 'out')).toHaveLength(packets)
    expect(flows).toBeGreaterThan(0)
    for (const address of addressesOf(plan, 0, 1, 2))
      expect((await run('validate', 'out/run.pcapng', ...address)).stdout).toMatch(/ holds: /)

    const page = readFileSync(join(folder.path, 'out/run.html'), 'utf8')
    expect(page).toMatch(/connect<.*SYN<.*SYNACK</s)
    expect(must(page.match(/class="host"[^>]*>[^<]+/g)).map(text => text.split('>')[1])).toEqual([
      ...['host 0', 'host 1', 'host 2', 'router 0'],
    ])
  })

  test('a failing run prints the commands that show it', async () => {
    using folder = scratchFolder()
    const run = (...args: string[]) => runServal(args, { cwd: folder.path })
    const { stdout } = await run('simulate', '--defect', 't4', '--seed', '1')
    const [, line] = must(/^Look: +npx serval (simulate .*)$/m.exec(stdout))
    expect((await run(...must(line).split(' '))).status).toBe(1)
    const page = readFileSync(join(folder.path, must(must(line).split(' ').at(-1))), 'utf8')
    expect(page).toMatch(/<li [^>]*class="bad"[^>]*>.*violates frozen/)
    const alone = await run('simulate', '--capture', 'x.pcapng')
    expect([alone.status, alone.stderr]).toEqual([2, expect.stringMatching(/CLI_USAGE: --capture .*file/)])
  })

  test('--routers and --instances, and an error for too many instances', async () => {
    const { status, stdout } = await runServal(
      'simulate --runs 5 --seed 1 --hosts 3 --routers 2 --instances 2 --json'.split(' '),
    )
    expect(status).toBe(0)
    const told = JSON.parse(stdout)
    expect(told).toMatchObject({ verdict: 'holds', routers: 2, instances: 2 })
    expect(told.forwarded).toBeGreaterThan(told.flows)
    const refused = await runServal('simulate --hosts 3 --instances 3'.split(' '))
    expect([refused.status, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toMatch(/CLI_USAGE: of 3 hosts 3 are instances.*--hosts/)
  })

  test('Ctrl-C prints the results so far', async () => {
    const { status, stdout } = await spawnServal(['simulate', '--runs', '1000000', '--json'], {
      interrupt: true,
    })
    expect(status).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'incomplete' })
  })
})

describe('serval simulate --plane', SLOW, () => {
  test('runs hold', async () => {
    const args = ['simulate', '--plane', '--runs', '2', '--seed', '4', '--hosts', '1', '--routers', '1']
    const { status, stdout } = await runServal([...args, '--json'])
    expect(status).toBe(0)
    const value = JSON.parse(stdout)
    expect(isRight(planes.decode(value))).toBe(true)
    expect(value).toMatchObject({ seed: 4, verdict: 'holds', runs: 2, hosts: 1, routers: 1 })
    expect(value.compared).toBeGreaterThan(0)
    expect(value.answers).toBeGreaterThan(0)
  })

  test('finds a defect, and its shrunk plan violates the same rule again', async () => {
    using folder = scratchFolder()
    const run = (...args: string[]) => runServal(args, { cwd: folder.path })
    const { status, stdout } = await run(
      ...'simulate --defect p4 --seed 236 --hosts 1 --routers 1'.split(' '),
    )
    expect(status).toBe(1)
    expect(stdout).toMatch(/^Violated: met\. The rendezvous/m)
    expect(stdout).toMatch(/^P4 .* violated$/m)
    expect(stdout).toMatch(/\(seed 236, 1 action of 3\)$/m)
    const [, path] = must(/^Replay: npx serval simulate (.*)$/m.exec(stdout))
    const again = await run('simulate', must(path), '--json')
    expect(again.status).toBe(1)
    expect(JSON.parse(again.stdout)).toMatchObject({ verdict: 'violated', findings: [{ rule: 'met' }] })
    const file = join(folder.path, must(path))
    const { defect, breaks, ...plan } = JSON.parse(readFileSync(file, 'utf8'))
    expect([defect, breaks]).toEqual(['P4', 'met'])
    writeFileSync(file, JSON.stringify(plan))
    const correct = await run('simulate', must(path))
    expect([correct.status, correct.stdout]).toEqual([0, expect.stringMatching(/\nholds\n$/)])
    const drawn = await run('simulate', must(path), '--capture', 'x.pcapng')
    expect([drawn.status, drawn.stderr]).toEqual([2, expect.stringMatching(/CLI_USAGE: --capture/)])
  })

  test('Ctrl-C prints the results so far', async () => {
    const { status, stdout } = await spawnServal(['simulate', '--plane', '--json'], { interrupt: true })
    expect(status).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'plane', verdict: 'incomplete' })
  })
})
