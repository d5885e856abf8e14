import type { Field } from '../packing.ts'
import type { Code } from './code.ts'
import * as wasm from './code.ts'

/** The value of a field of `word`. */
export function extract({ shift, bits }: Field, word: Code): Code {
  const shifted = shift === 0 ? word : wasm.shrUnsigned(word, wasm.constant(shift))
  return shift + bits === 32 ? shifted : wasm.and(shifted, wasm.constant(2 ** bits - 1))
}
