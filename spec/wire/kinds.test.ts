import { expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { ACK, DATA, FIN, KINDS, RST, RSYN, RSYNACK, SYN, SYNACK } from '../machines/flow/packets.ts'
import { WIRE_FAULT } from './faults.ts'
import { newFrame } from './frame.ts'
import { finOf, flagsOf, kindOf } from './kinds.ts'

const withFlags = (flags: number) => ({ ...newFrame(), flags, service: 0 })

/** All valid flags: their kind, and whether they include a FIN. */
const MEANINGS: Readonly<Record<number, readonly [kind: number, fin: number]>> = {
  0: [DATA, 0],
  128: [SYN, 0],
  160: [SYNACK, 0],
  32: [ACK, 0],
  64: [RSYN, 0],
  68: [RSYN, 1],
  96: [RSYNACK, 0],
  100: [RSYNACK, 1],
  4: [FIN, 0],
  36: [FIN, 0],
  8: [RST, 0],
  40: [RST, 0],
}

test('all 256 combinations of flags', () => {
  for (let flags = 0; flags < 256; flags++) {
    const [kind, fin] = MEANINGS[flags] ?? [-WIRE_FAULT.FLAGS, undefined]
    expect(kindOf(withFlags(flags))).toBe(kind)
    if (fin !== undefined) expect(finOf(withFlags(flags))).toBe(fin)
  }
})

test('a kind is encoded with flags that mean it', () => {
  for (let kind = 1; kind < KINDS.length; kind++)
    for (const fin of [RSYN, RSYNACK].includes(kind) ? [0, 1] : [0]) {
      const frame = withFlags(flagsOf(kind, fin))
      expect([kindOf(frame), finOf(frame)]).toEqual([kind, fin])
    }
})

test('only a SYN must name a service', () => {
  for (const flags of Object.keys(MEANINGS).map(Number)) {
    const expected = flags === 0x80 ? -WIRE_FAULT.NAMELESS : must(MEANINGS[flags])[0]
    expect(kindOf({ ...withFlags(flags), service: -1 })).toBe(expected)
  }
})
