import type { Code, Local, Region } from './code.ts'
import * as wasm from './code.ts'
import type { Locals } from './module.ts'

const { constant, get, load, set, shrUnsigned, xor } = wasm

/**
 * Returns the code for the hash of a state of `words` words. It mixes in each word as murmur does, in two
 * operations instead of five.
 */
export function hash(locals: Locals, words: number, region: Region, at: Local): Code {
  const h = locals.make()
  const mixed = Array.from({ length: words }, (_, word) => [
    set(h, wasm.mul(xor(get(h), load(region, get(at), 4 * word)), constant(0x9e3779b1))),
    set(h, xor(get(h), shrUnsigned(get(h), constant(15)))),
  ])
  return [
    set(h, constant(0x5bd1e995)),
    mixed,
    set(h, wasm.mul(get(h), constant(0x85ebca6b))),
    xor(get(h), shrUnsigned(get(h), constant(13))),
  ]
}
