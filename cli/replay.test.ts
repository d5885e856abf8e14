import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { must } from '../checker/text/at.ts'
import { decode } from '../checker/trace/decode.ts'
import { encode } from '../checker/trace/encode.ts'
import type { Trace } from '../checker/trace/format.ts'
import { runServal } from './testing/runServal.ts'

const folder = scratchFolder()
afterAll(() => folder[Symbol.dispose]())
let found: Trace

beforeAll(async () => {
  const args = ['check', 'two-party', '--defect', 'D1', '--workers', '1', '--trace', 'found.json']
  await runServal(args, { cwd: folder.path })
  found = decode(readFileSync(join(folder.path, 'found.json'), 'utf8'))
}, SLOW.timeout)

/** Replays a trace, by way of a file. */
async function replayed(name: string, trace: Trace, ...options: string[]) {
  writeFileSync(join(folder.path, name), encode(trace))
  const { status, stdout } = await runServal(['replay', name, ...options], { cwd: folder.path })
  return { status, text: stdout.replaceAll('\n', ' '), stdout }
}

describe('serval replay', SLOW, () => {
  test('as recorded: --json has the verdict and no divergence', async () => {
    const { status, stdout } = await replayed('same.json', found, '--json')
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toEqual({
      ...{ trace: 'same.json', model: 'two-party', bounds: found.bounds, defect: 'D1' },
      ...{
        expect: 'violated',
        invariant: found.invariant,
        name: 'repeated-rsyn',
        verdict: 'violated',
        asExpected: true,
      },
      ...{ violated: [found.invariant], notices: [] },
      ...{ steps: found.steps.length, recorded: found.steps.length },
    })
  })

  test('without the defect: a notice, the first step that diverges, and the choices there', async () => {
    const { defect: _, ...repaired } = found
    const { status, text } = await replayed('repaired.json', repaired)
    expect(status).toBe(0)
    expect(text).toMatch(/Notice: the machine has changed since this was recorded/)
    expect(text).toContain(
      `Step ${found.steps.length} diverges: it sent ACK 3>1 v10 a0; now RSYNACK 3>2 v10 a0.`,
    )
    expect(text).toMatch(/recorded was 'violated', and now it is 'holds'/)
  })

  test('a choice that is not enabled: the enabled ones, and no verdict that the trace holds', async () => {
    const [first, ...others] = found.steps
    const steps = [{ ...must(first), choice: 'connect nobody' }, ...others]
    const { status, text } = await replayed('other.json', { ...found, steps })
    expect(status).toBe(1)
    expect(text).toMatch(
      /Step 1 diverges: 'connect nobody' is not possible there. Possible are: connect client/,
    )
    expect(text).toContain(
      `Replayed 0 of ${found.steps.length} steps; the machine no longer makes the next step`,
    )
  })

  test('a trace that holds: exit code 0', async () => {
    const { invariant: _, kind: __, ...rest } = found
    const { status, text } = await replayed('calm.json', {
      ...rest,
      expect: 'holds',
      steps: found.steps.slice(0, 3),
    })
    expect(status).toBe(0)
    expect(text).toMatch(/The verdict is as recorded: holds/)
  })

  test('a trace recorded as holding that violates an invariant: exit code 1', async () => {
    const { invariant: _, kind: __, ...rest } = found
    const { status, text } = await replayed('hopeful.json', { ...rest, expect: 'holds' })
    expect(status).toBe(1)
    expect(text).toContain(`violated: 18 repeated-rsyn, at step ${found.steps.length}`)
    expect(text).toMatch(/recorded was 'holds', and now it is 'violated'/)
  })

  test('on the stack: the same steps up to the one at which the defect shows', async () => {
    const { status, text } = await replayed('stack.json', found, '--on', 'stack')
    expect(status).toBe(0)
    expect(text).toContain(`${found.steps.length} steps of ${found.steps.length} on the stack`)
    expect(text).toMatch(/here D1 shows, and the stack does what the sound model does/)
    const asJson = await replayed('stack.json', found, '--on', 'stack', '--json')
    expect(JSON.parse(asJson.stdout)).toMatchObject({ outcome: 'defect', steps: found.steps.length })
  })
})
