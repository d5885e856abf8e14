import { type Field, maskOf } from '../packing.ts'
import type { Code } from './code.ts'
import * as wasm from './code.ts'

/** Returns the code for the value of a field, given the code that reads a word. */
export function extract(field: Field, read: (word: number) => Code): Code {
  const { shift, bits, fixed } = field
  if (fixed !== undefined) return wasm.constant(fixed)
  const word = read(field.word)
  const shifted = shift === 0 ? word : wasm.shrUnsigned(word, wasm.constant(shift))
  return shift + bits === 32 ? shifted : wasm.and(shifted, wasm.constant(maskOf(field)))
}
