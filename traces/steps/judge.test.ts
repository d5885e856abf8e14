import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { FaultLevel } from '../../properties/simulator/faults/levels.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { decodeSteps } from './decode.ts'
import { StepsError } from './errors.ts'
import { judgeSteps } from './judge.ts'
import { type Json, recordSteps, withLine } from './testing/record.ts'

const judged = (text: string) => judgeSteps(decodeSteps(text))

describe('steps of simulated hosts', SLOW, () => {
  test.each<[FaultLevel, number]>([
    ['none', 8],
    ['harsh', 25],
  ])('with %s faults agree with the specification', (faults, runs) => {
    let [flows, steps, transitions] = [0, 0, 0]
    for (let seed = 0; seed < runs; seed++)
      for (const text of recordSteps(seed, faults)) {
        const { contradiction, ...judgement } = judged(text)
        expect(contradiction, `seed ${seed}`).toBeUndefined()
        expect(judgement).toMatchObject({ verdict: 'holds', isSameMachine: true })
        flows += judgement.flows
        steps += judgement.steps
        transitions = Math.max(transitions, judgement.transitions)
      }
    expect(flows).toBeGreaterThan(2 * runs)
    expect(steps).toBeGreaterThan(5 * flows)
    expect(transitions).toBeGreaterThan(10)
  })
})

/** The longest log of each of three runs. */
const texts = [3, 21, 26].map(seed =>
  must(recordSteps(seed, 'mild').toSorted((a, b) => b.length - a.length)[0]),
)

/** Changes each step of the logs, one at a time, and returns the contradictions. Skips a step if `change` returns null. */
function findings(change: (line: Json, before: Json | undefined) => Json | undefined | null): string[] {
  return texts.flatMap(text => {
    const lines: Json[] = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    return lines.flatMap((line, at) => {
      if (line.event === undefined) return []
      const before = lines.slice(0, at).findLast(other => other.flow === line.flow && other.event)
      const changed = change(structuredClone(line), before)
      if (changed === null) return []
      return [judged(withLine(text, at, () => changed)).contradiction?.part ?? 'nothing']
    })
  })
}

const other = (value: Json): Json => {
  if (typeof value === 'number') return value + 1
  return (
    { INITIAL: 'RSYN_SENT', RSYN_SENT: 'INITIAL', RSYN_RECV: 'INITIAL', own: 'peer' }[value as string] ??
    'own'
  )
}

describe('judgeSteps detects', SLOW, () => {
  const registers = Object.keys(JSON.parse(must(must(texts[0]).split('\n')[1])).after).filter(
    name => name !== 'connection' && name !== 'migration',
  )
  test.each([...registers, 'migration'])('a changed %s', name => {
    const all = findings(line => {
      line.after[name] = other(line.after[name])
      return line
    })
    expect(all.length).toBeGreaterThan(50)
    expect(new Set(all)).toEqual(new Set(['after']))
  })

  test('missing and added transitions', () => {
    const fewer = findings(line => (line.fired.length > 0 ? { ...line, fired: line.fired.slice(1) } : null))
    const more = findings(line => ({ ...line, fired: [...line.fired, 'connection.INIT LISTEN'] }))
    expect(new Set([...fewer, ...more])).toEqual(new Set(['fired']))
  })

  test('missing and changed effects', () => {
    const fewer = findings(line =>
      line.effects.length > 0 ? { ...line, effects: line.effects.slice(0, -1) } : null,
    )
    const changed = findings(line => {
      const sent = line.effects.find(({ type }: Json) => type === 'transmit')
      if (sent === undefined) return null
      sent.to = '192.0.2.1:1'
      return line
    })
    expect(fewer.length + changed.length).toBeGreaterThan(50)
    expect(new Set([...fewer, ...changed])).toEqual(new Set(['effects']))
  })

  test('most missing steps that had changed a register', () => {
    const all = findings((line, before) =>
      before === undefined || JSON.stringify(line.after) === JSON.stringify(before.after) ? null : undefined,
    )
    expect(all.length).toBeGreaterThan(20)
    // No later step can reveal that the last step of a flow is missing.
    const seen = all.filter(part => part !== 'nothing')
    expect(seen.length).toBeGreaterThan(0.7 * all.length)
  })

  test('a flow without its first step, and a timer that ran needlessly', () => {
    const all = findings((_, before) => (before === undefined ? undefined : null))
    expect(all).toContain('beginning')
    const idle = findings(line =>
      line.after.owed === 0 && line.after.connection === 'CONNECTED'
        ? { ...line, event: { type: 'TIMEOUT' } }
        : null,
    )
    expect(idle).toContain('timer')
  })
})

test('judgeSteps detects a stack that changes a register by itself', SLOW, () => {
  const spoil = (flow: Flow): void => {
    if (flow.isMoving) flow.state.rcvNxt = (must(flow.state.rcvNxt) + 1) >>> 0
  }
  const parts = recordSteps(26, 'mild', { spoil }).map(text => judged(text).contradiction?.part)
  expect(parts).toContain('effects')
  expect(parts).not.toContain('beginning')
})

describe('a log', () => {
  const [text] = texts as [string]

  test('of another machine is reported as such', () => {
    expect(judged(text.replace(flowStep().digest, '0'.repeat(16)))).toMatchObject({
      ...{ verdict: 'holds', isSameMachine: false },
    })
  })

  test('that became full is incomplete', () => {
    const [full] = recordSteps(26, 'mild', { mostCharacters: 5000 })
    expect(must(full).length).toBeLessThan(5200)
    expect(full).toMatch(/\{"end":"full","lines":\d+\}\n$/)
    expect(judged(must(full)).verdict).toBe('incomplete')
  })

  test('counts repeated steps', () => {
    const [header, first] = text.split('\n') as [string, string]
    const { flow, ms } = JSON.parse(first)
    // A flow begins once.
    const again = [header, first, JSON.stringify({ flow, ms, again: 1 }), '{"end":"closed","lines":3}', '']
    const { contradiction } = judged(again.join('\n'))
    expect(contradiction).toMatchObject({ number: 3, event: 'CONNECT', part: 'fired' })
    const repeated = texts.filter(one => one.includes('"again"'))
    expect(repeated.length).toBeGreaterThan(0)
    for (const one of repeated) {
      const counted = [...one.matchAll(/"again":(\d+)/g)].reduce((sum, [, times]) => sum + Number(times), 0)
      const written = [...one.matchAll(/"event"/g)].length
      expect(judged(one).steps).toBe(written + counted)
    }
  })

  test('that is cut off anywhere has the end cut', () => {
    for (let length = text.length - 1; length > text.length - 2000; length -= 7) {
      const { end } = decodeSteps(text.slice(0, length))
      expect(end).toBe('cut')
    }
    expect(decodeSteps(text).end).toBe('closed')
  })

  test.each([
    ['another file', 'hello\n', 'STEPS_HEADER'],
    ['a trace', '{\n  "format": 1\n}\n', 'STEPS_HEADER'],
    ['a later format', text.replace('"format":1', '"format":2'), 'STEPS_VERSION'],
    ['a header without its machine', text.replace('"machine"', '"engine"'), 'STEPS_SHAPE'],
    ['a line that is not JSON', text.replace('"fired":[', '"fired":'), 'STEPS_JSON'],
    ['a line without registers', text.replace('"after"', '"later"'), 'STEPS_SHAPE'],
    ['an unknown event', text.replace('"type":"CONNECT"', '"type":"DISCONNECT"'), 'STEPS_SHAPE'],
    ['a nonce without a name', text.replace('"nonce":"own"', '"nonce":"mine"'), 'STEPS_SHAPE'],
    ['an event without a field', text.replace('"verno":', '"version":'), 'STEPS_SHAPE'],
    ['a missing line', text.replace(/\n.*\n/, '\n'), 'STEPS_LINES'],
    ['a line after the end', `${text}${text}`, 'STEPS_LINES'],
  ])('%s is rejected', (_what, broken, code) => {
    expect(() => decodeSteps(broken)).toThrowError(expect.objectContaining({ code }))
  })

  test('of any text is decoded or rejected with a code', () => {
    const spoilt = fc
      .tuple(fc.nat(), fc.string({ maxLength: 5 }), fc.nat({ max: 9 }))
      .map(([at, put, out]) => {
        const place = at % text.length
        return text.slice(0, place) + put + text.slice(place + out)
      })
    const lines = fc.array(fc.oneof(fc.json(), fc.constantFrom(...text.split('\n'))), { maxLength: 6 })
    fc.assert(
      fc.property(
        fc.oneof(
          spoilt,
          lines.map(all => all.join('\n')),
          fc.string(),
        ),
        any => {
          try {
            expect(['holds', 'violated', 'incomplete']).toContain(judged(any).verdict)
          } catch (error) {
            expect(error).toBeInstanceOf(StepsError)
          }
        },
      ),
    )
  })
})
