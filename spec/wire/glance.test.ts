import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MOST_HEADER_BYTES } from './format.ts'
import { glanceService } from './frame.ts'
import { encodeHeader } from './header.ts'
import { frameOf } from './testing/again.ts'
import { outgoing } from './testing/arbitrary.ts'
import { naiveDecode, naiveEncode } from './testing/naive.ts'

const drawn = outgoing.chain(packet => {
  const out = new Uint8Array(MOST_HEADER_BYTES)
  const { extensions, ...rest } = naiveDecode(out.slice(0, encodeHeader(packet, out, 0)))
  const all = [...extensions, ...Array.from({ length: 4 }, () => ({ type: 'pad' as const }))]
  return fc
    .shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    .map(extensions => naiveEncode({ ...rest, extensions }))
})

test('finds the serviceID where decoding finds it', () => {
  fc.assert(
    fc.property(drawn, bytes => {
      expect(glanceService(bytes)).toBe(frameOf(bytes).service)
    }),
  )
})

test('accepts any bytes, and finds a serviceID only inside them', () => {
  const spoiled = fc.tuple(drawn, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
    bytes[at % bytes.length] = value
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), spoiled), bytes => {
      const at = glanceService(bytes)
      expect(at === -1 || (at >= 16 && at + 32 <= bytes.length)).toBe(true)
    }),
  )
})
