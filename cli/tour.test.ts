import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { must } from '../checker/text/at.ts'
import { readCapture } from '../impl/link/readCapture.ts'
import { withHeader } from '../properties/conformance/testing/record.ts'
import { FIN, RSYN } from '../spec/machines/flow/packets.ts'
import { decodeFrame, newFrame } from '../spec/wire/frame.ts'
import { kindOf } from '../spec/wire/kinds.ts'
import { withLine } from '../traces/steps/testing/record.ts'
import { type Ended, spawnServal } from './testing/runServal.ts'
import { judgeCapture } from './validate/capture.ts'
import { judgeLog } from './validate/steps.ts'

const folder = scratchFolder()
afterAll(() => folder[Symbol.dispose]())

const read = (name: string): Buffer<ArrayBuffer> => readFileSync(join(folder.path, 'out', name))
let ended: Ended

/** Two processes, real UDP, and what they leave. */
beforeAll(async () => {
  ended = await spawnServal(['tour', '--transfer-only', '--size', '32', '--json'], { cwd: folder.path })
}, SLOW.timeout)

describe('serval tour', SLOW, () => {
  test('moves, transfers all bytes, and holds', () => {
    const told = JSON.parse(ended.stdout)
    expect(told).toMatchObject({ isWhole: true, hasMoved: true, bytes: 32 * 2 ** 20 })
    expect(told.moves.map(({ who }: { who: string }) => who).sort()).toEqual([
      ...['client', 'client', 'client', 'server'],
    ])
    expect(told.judged).toMatchObject([
      { kind: 'capture', verdict: 'holds', flows: 1, packets: { begunBefore: 0, uncertain: 0 } },
      { kind: 'steps', verdict: 'holds', flows: 1, isSameMachine: true },
    ])
    // Each packet that came is a step.
    expect(told.judged[1].steps).toBeGreaterThan(told.judged[0].packets.taken)
    expect(ended.status).toBe(0)
  })

  test('writes a capture in which every packet of the client matters to validate', () => {
    const frame = newFrame()
    const verdicts = [RSYN, FIN].map(kind => {
      const bytes = read('tour.pcapng')
      const found = must(
        readCapture(bytes).datagrams.find(({ bytes, direction }) => {
          decodeFrame(bytes, 0, bytes.length, frame)
          return direction === 'out' && kindOf(frame) === kind
        }),
      )
      const changed = withHeader({ ...found, direction: 'out', isIntact: true }, header => {
        header.ackno = (header.ackno + 1) >>> 0
      })
      found.bytes.set(changed.bytes)
      return judgeCapture('changed', bytes).judgement.contradiction?.packet.kind
    })
    expect(verdicts).toEqual([RSYN, FIN])
  })

  test('writes a log in which every step matters to validate', () => {
    const text = read('tour.steps.ndjson').toString()
    const moved = text.split('\n').findIndex(line => line.includes('"type":"MOVE"'))
    const other = withLine(text, moved, line => ({ ...line, after: { ...line.after, owed: 0 } }))
    expect(judgeLog('changed', Buffer.from(other)).judgement.contradiction).toMatchObject({
      ...{ number: moved + 1, event: 'MOVE', part: 'after' },
      ...{ logged: '{"owed":0}', specified: '{"owed":2}' },
    })
  })
})
