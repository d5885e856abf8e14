import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Keys, LABEL } from './keys.ts'

const word = fc.nat(2 ** 32 - 1)
const nonce = fc.record({ high: word, low: word })

test('MACs are those of HMAC-SHA-256', () => {
  fc.assert(
    fc.property(nonce, nonce, word, fc.nat(65_535), (sender, receiver, flow, version) => {
      const words = (...all: number[]) => {
        const bytes = Buffer.alloc(4 * all.length)
        for (const [i, one] of all.entries()) bytes.writeUInt32BE(one, 4 * i)
        return bytes
      }
      const digest = createHmac('sha256', words(sender.high, sender.low, receiver.high, receiver.low))
        .update(Uint8Array.of(LABEL.ECHO))
        .update(words(flow, version))
        .digest()
      expect(new Keys(sender, receiver).echo(flow, version)).toEqual({
        high: digest.readUInt32BE(0),
        low: digest.readUInt32BE(4),
      })
    }),
  )
})
