import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { must } from '../checker/text/at.ts'
import { captureBlocks, captureHeader } from '../impl/link/pcapng.ts'
import type { Observed } from '../properties/conformance/observed.ts'
import { record, withHeader } from '../properties/conformance/testing/record.ts'
import { ACK, KINDS } from '../spec/machines/flow/packets.ts'
import { decodeFrame, newFrame } from '../spec/wire/frame.ts'
import { kindOf } from '../spec/wire/kinds.ts'
import { folder as captures } from '../spec/wire/testing/pcap.ts'
import { runServal } from './testing/runServal.ts'
import { judgeCapture } from './validate/capture.ts'

const folder = scratchFolder()
afterAll(() => folder[Symbol.dispose]())

/** The packets that a host of a simulated run saw. Both it and its peer move. */
const [traffic] = record(14, 2, 'mild') as [Observed[]]

const capture = (all: readonly Observed[]): Buffer<ArrayBuffer> =>
  Buffer.concat([
    captureHeader(),
    ...all.map(({ timeMs, direction, ...datagram }) => captureBlocks([datagram], direction, timeMs)),
  ])

/** Validates a file of this name and content, as people do. */
async function validated(name: string, content: Uint8Array | string, ...options: string[]) {
  writeFileSync(join(folder.path, name), content)
  const { status, stdout, stderr } = await runServal(['validate', name, ...options], { cwd: folder.path })
  return { status, stdout, stderr, text: stdout.replaceAll(/\s+/g, ' ') }
}

const frame = newFrame()
const isSent = (kind: string) => (observed: Observed) => {
  decodeFrame(observed.bytes, 0, observed.bytes.length, frame)
  return observed.direction === 'out' && KINDS[kindOf(frame)] === kind
}

/** Another version in the first RSYN. */
const at = traffic.findIndex(isSent('RSYN'))
const changed = traffic.with(
  at,
  withHeader(must(traffic[at]), header => {
    header.verno = (header.verno ^ 4) >>> 0
  }),
)

describe('serval validate with a capture', SLOW, () => {
  test('holds: a summary of the packets, and exit code 0', async () => {
    const { status, text } = await validated('good.pcapng', capture(traffic))
    expect(text).toMatch(/\d+ sent, and explained by the specification/)
    expect(text).toMatch(
      /good\.pcapng: \d+ flows? seen from the beginning, in [\d.]+ s\. holds: the specification/,
    )
    expect(status).toBe(0)
  })

  test('violated: the packet, the packets that were possible, and exit code 1', async () => {
    const { status, text, stdout } = await validated('changed.pcapng', capture(changed))
    expect(text).toMatch(
      new RegExp(`^Packet ${at + 1}, [\\d.]+ s after the first, was sent, but the specification does not`),
    )
    expect(stdout).toMatch(/^sent +RSYN /m)
    expect(stdout).toMatch(/^possible +RSYN /m)
    expect(text).toMatch(/violated: the specification cannot explain this/)
    expect(status).toBe(1)
  })

  test('--json reports the same', async () => {
    const { stdout, status } = await validated('json-changed.pcapng', capture(changed), '--json')
    const told = JSON.parse(stdout)
    expect(told).toMatchObject({
      verdict: 'violated',
      contradiction: { kind: 'unexplained', number: at + 1, packet: { kind: expect.stringMatching(/RSYN/) } },
    })
    expect(told.contradiction.expected.length).toBeGreaterThan(0)
    expect(status).toBe(1)
  })
})

describe('a capture', () => {
  const judged = (bytes: Uint8Array, ...hosts: string[]) => judgeCapture('file', bytes, { host: hosts })
  const codeOf = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      if (error instanceof Error && 'code' in error) return String(error.code)
      throw error
    }
    return 'nothing'
  }

  test('of a prototype, in which an answer is missing (D9), is violated', () => {
    const bytes = readFileSync(join(captures, 'lost-connack-B.pcap'))
    const { judgement, at } = judgeCapture('file', bytes, { running: true })
    expect(must(at).number).toBe(3)
    expect(must(at).timeMs).toBeCloseTo(0.274)
    expect(judgement.contradiction).toMatchObject({
      kind: 'withheld',
      expected: [{ kind: ACK, srcFlow: 6, dstFlow: 4, verno: 3502437382, ackno: 2371436093 }],
    })
  })

  test('of a host that may have stopped is reported as such', async () => {
    const bytes = readFileSync(join(captures, 'lost-connack-B.pcap'))
    const { status, text } = await validated('silent.pcap', bytes)
    expect(text).toMatch(/^Packet 3, .*missing ACK .*incomplete: the host sends nothing after this/)
    expect(status).toBe(1)
    const running = await validated('running.pcap', bytes, '--running')
    expect(running.text).toMatch(/^Packet 3, .*missing ACK .*violated: /)
  })

  test('that starts too late is incomplete', () => {
    const { judgement } = judged(capture(traffic.slice(at - 1, at + 3)))
    expect(judgement).toMatchObject({ verdict: 'incomplete', flows: 0 })
    expect(judgement.packets.begunBefore).toBeGreaterThan(0)
  })

  test('that is cut off never holds, but violations in it count', () => {
    const cut = (all: readonly Observed[]) => capture(all).subarray(0, -5)
    expect(codeOf(() => judged(cut(traffic)))).toBe('CLI_CUT')
    expect(judged(cut(changed)).judgement.verdict).toBe('violated')
  })

  test('without directions needs the addresses of the host', () => {
    const none = capture(traffic)
    // The flags of each packet are the last option before the end of its block.
    for (let start = 48; start < none.length; start += none.readUInt32LE(start + 4))
      none.writeUInt32LE(0, start + none.readUInt32LE(start + 4) - 12)
    expect(codeOf(() => judged(none))).toBe('CLI_DIRECTION')
    const own = [0, 1, 2, 3].map(network => `10.${network}.0.1`)
    const { betweenOthers, judgement } = judged(none, ...own)
    expect({ betweenOthers, judgement }).toEqual({
      betweenOthers: 0,
      judgement: judged(capture(traffic)).judgement,
    })
    expect(codeOf(() => judged(none, '192.0.2.1'))).toBe('CLI_NOTHING')
    expect(codeOf(() => judged(none, 'nowhere'))).toBe('LINK_ADDRESS')
  })

  test.each([
    ['nothing', new Uint8Array(), 'CAPTURE_FORMAT'],
    ['text', Buffer.from('hello'), 'CAPTURE_FORMAT'],
    ['a broken file', capture(traffic).fill(0xff, 60, 70), 'CAPTURE_BLOCK'],
    ['a capture of nothing', captureHeader(), 'CLI_NOTHING'],
  ] as const)('%s is rejected', (_what, bytes, code) => {
    expect(codeOf(() => judged(bytes))).toBe(code)
  })
})
