import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { at, must } from '../checker/text/at.ts'
import { decode } from '../checker/trace/decode.ts'
import { encode } from '../checker/trace/encode.ts'
import type { Trace, TraceStep } from '../checker/trace/format.ts'
import { Recorder } from '../checker/trace/recorder.ts'
import { replay } from '../checker/trace/replay.ts'
import { settingOf } from '../checker/trace/setting.ts'
import { traceText } from '../studio/trace/traceText.ts'
import { storyOf } from './storyOfTrace.ts'
import { catalogue, connecting, follow, moving, replayed, small, superseded } from './testing/sample.ts'

const violated = follow(superseded, 'credulous', { violation: { id: '19', kind: 'invariant' } })

describe('replaying a trace', SLOW, () => {
  test('gives the recorded trace, byte for byte, every time', async () => {
    for (const trace of [violated, follow(moving)]) {
      const setting = settingOf(trace, catalogue)
      const [once, twice] = [await replay(trace, catalogue), await replay(trace, catalogue, setting)]
      expect(once).toMatchObject({ asExpected: true, notices: [] })
      expect(once.divergence).toBeUndefined()
      expect(encode(once.trace)).toBe(encode(trace))
      expect(encode(twice.trace)).toBe(encode(once.trace))
    }
  })

  test('violates the invariant that it violated when recorded', async () => {
    expect(violated.steps.map(({ failed }) => failed.includes('19'))).toEqual([...Array(6).fill(false), true])
    expect(await replayed(violated)).toMatchObject({
      verdict: 'violated',
      violated: expect.arrayContaining(['19']),
    })
  })

  test('needs only its choices', async () => {
    const bare = (step: TraceStep): TraceStep => ({ ...step, fired: [], changes: {}, sent: [], failed: [] })
    const { trace, divergence, asExpected } = await replayed({ ...violated, steps: violated.steps.map(bare) })
    expect(encode(trace)).toBe(encode(violated))
    expect(asExpected).toBe(true)
    expect(divergence).toMatchObject({ kind: 'outcome', step: 1, part: 'fired', recorded: '[]' })
  })

  test('without its defect diverges where the defect showed, and holds', async () => {
    const { defect: _, ...repaired } = violated
    const outcome = await replayed(repaired)
    expect(outcome).toMatchObject({ verdict: 'holds', asExpected: false, violated: [] })
    expect(outcome.divergence).toMatchObject({ kind: 'outcome', step: 7, part: 'fired' })
    expect(outcome.notices.join()).toContain('the machine has changed')
  })

  test('lists the enabled choices when the recorded one is not enabled', async () => {
    const steps = violated.steps.map(step =>
      step.index === 3 ? { ...step, choice: 'deliver SYNACK 3>2' } : step,
    )
    const outcome = await replayed({ ...violated, steps })
    expect(outcome.divergence).toMatchObject({ kind: 'choice', step: 3, choice: 'deliver SYNACK 3>2' })
    expect(outcome.divergence).toHaveProperty('enabled', expect.arrayContaining(['timeout client']))
    expect(outcome.trace.steps).toHaveLength(2)
    expect(outcome.asExpected).toBe(false)
  })

  test('about one invariant checks only that invariant', async () => {
    const about = { ...violated, invariant: '1' }
    expect(await replayed(about)).toMatchObject({ verdict: 'holds' })
    expect(await replayed({ ...about, expect: 'holds' })).toMatchObject({ asExpected: true })
  })
})

test('a recovery is judged from the last state', SLOW, async () => {
  const lost = follow(moving, 'wedged', { violation: { id: '24', kind: 'recovery' } })
  expect(await replayed(lost)).toMatchObject({ violated: ['24'], asExpected: true })
  const { defect: _, ...repaired } = lost
  expect(await replayed(repaired)).toMatchObject({ violated: [], verdict: 'holds' })
  const early = follow(connecting, 'wedged', { violation: { id: '24', kind: 'recovery' } })
  expect(await replayed(early)).toMatchObject({ violated: [], verdict: 'holds' })
})

test.each<[string, Partial<Trace>, RegExp]>([
  ['model', { model: 'three-party' }, /^TRACE_MODEL: .*three-party.*two-party/],
  ['bound', { bounds: { capcity: 2 } }, /^TRACE_BOUND: .*capcity.*capacity/],
  ['value of a bound', { bounds: { capacity: 0 } }, /^TRACE_BOUND: capacity of two-party is 0; give 1 to/],
  ['defect', { defect: 'D99' }, /^TRACE_NAME: .*D99.*credulous/],
  ['invariant', { invariant: '99' }, /^TRACE_NAME: .*'99'.*19/],
  ['recovery', { kind: 'recovery' }, /^TRACE_NAME: .*recovery '19'.*24/],
  [
    'step',
    { steps: [{ ...at(violated.steps, 0), rule: 'conect' }] },
    /^TRACE_STEP: step 1 .*conect.*connect/,
  ],
])('an unknown %s is rejected with a code and the known ones', async (_what, change, message) => {
  await expect(replay({ ...violated, ...change }, catalogue)).rejects.toThrow(message)
})

test('equal machines have equal hashes, and different machines different ones', () => {
  const { machine } = settingOf(small().variant, catalogue)
  expect(machine).toBe(small().machine)
  expect(new Set([small().machine, small('credulous').machine, small('wedged').machine]).size).toBe(3)
})

test('labels are unique in every state, even in a queue with equal packets', () => {
  const setting = settingOf({ model: 'two-party', bounds: { capacity: 3, reordering: 0 } }, catalogue)
  const recorder = new Recorder(setting)
  const take = (label: string) => recorder.take(must(recorder.choices().find(c => c.label.startsWith(label))))
  for (const label of ['connect', 'timeout', 'duplicate']) take(label)
  const labels = recorder.choices().map(({ label }) => label)
  expect(labels.filter(label => label.startsWith('lose'))).toEqual([
    'lose SYN 1>3 flow 1>0 v14 a0 n1',
    'lose SYN 1>3 flow 1>0 v14 a0 n1 (2)',
    'lose SYN 1>3 flow 1>0 v14 a0 n1 (3)',
  ])
  expect(new Set(labels).size).toBe(labels.length)
})

test('steps record the actor, the packets sent and the changes', () => {
  const [connect, syn] = decode(encode(violated)).steps
  expect(connect).toMatchObject({
    who: 'client',
    event: 'CONNECT',
    sent: [{ kind: 'SYN', from: 1, to: 3 }],
    changes: { 'client.connection': ['INIT', 'REQUEST'] },
  })
  expect(syn).toMatchObject({
    who: 'server',
    event: 'ACCEPT',
    packet: { kind: 'SYN' },
    sent: [{ kind: 'SYNACK' }],
    fired: ['flow connection.INIT ACCEPT'],
  })
})

test('the studio draws an arrow where a packet arrives, and the verdict at its step', () => {
  const lost = follow(['connect client', 'lose SYN'])
  expect(at(storyOf(lost, small()).steps, 1).packet).toMatchObject({
    kind: 'SYN',
    from: 'client',
    to: 'server',
    lost: true,
  })
  const story = storyOf(violated, small())
  expect(at(story.steps, 2).packet).toMatchObject({ from: 'server', to: 'client', lost: false })
  expect(story.verdict).toMatchObject({ outcome: 'violated', property: '19 newest-move-wins', step: 7 })
  expect(traceText(story)).toContain('violated: 19 newest-move-wins, at step 7')
})
