import { at } from '../../text/at.ts'

/**
 * WebAssembly instructions (https://www.w3.org/TR/wasm-core-2/#binary-format) as functions that compose: each
 * takes the code of its operands. Values are 32-bit integers, except where a name says `wide`. Wide values are
 * whole numbers up to 2^53, kept as JavaScript keeps them, in 64-bit floating point.
 */

/** Bytes of instructions, as a tree: joining two pieces of code copies neither. */
export type Code = number | Uint8Array | readonly Code[]

/** The index of a function's parameter or local variable. */
export type Local = number

/** A region of memory: its memory, and its first byte. */
export interface Region {
  readonly memory: number
  readonly offset: number
}

type Binary = (left: Code, right: Code) => Code

export const NOTHING: Code = []

export const constant = (value: number): Code => [0x41, signed(value | 0)]
export const get = (local: Local): Code => [0x20, unsigned(local)]
export const set = (local: Local, value: Code): Code => [value, 0x21, unsigned(local)]
/** Stores into `local` and returns the value. */
export const tee = (local: Local, value: Code): Code => [value, 0x22, unsigned(local)]
export const getGlobal = (index: number): Code => [0x23, unsigned(index)]
export const setGlobal = (index: number, value: Code): Code => [value, 0x24, unsigned(index)]

export const drop = (value: Code): Code => [value, 0x1a]
export const increase = (local: Local, by: number): Code => set(local, add(get(local), constant(by)))

export const trailingZeros = (value: Code): Code => [value, 0x68]
export const isZero = (value: Code): Code => [value, 0x45]
export const add = binary(0x6a)
export const sub = binary(0x6b)
export const mul = binary(0x6c)
export const rem = binary(0x6f)
export const and = binary(0x71)
export const or = binary(0x72)
export const xor = binary(0x73)
export const shl = binary(0x74)
export const shr = binary(0x75)
export const shrUnsigned = binary(0x76)
export const eq = binary(0x46)
export const ne = binary(0x47)
export const lt = binary(0x48)
export const ltUnsigned = binary(0x49)
export const gt = binary(0x4a)
export const le = binary(0x4c)
export const ge = binary(0x4e)
export const geUnsigned = binary(0x4f)
export const divUnsigned = binary(0x6e)

/** Wide numbers. */
export const wideConstant = (value: number): Code => [
  0x44,
  ...new Uint8Array(new Float64Array([value]).buffer),
]
export const addWide = binary(0xa0)
export const subWide = binary(0xa1)
export const mulWide = binary(0xa2)
export const eqWide = binary(0x61)
export const neWide = binary(0x62)
export const ltWide = binary(0x63)
export const gtWide = binary(0x64)
export const leWide = binary(0x65)
export const geWide = binary(0x66)
/** The remainder of two wide numbers. The second must not be 0. */
export const remWide = (left: Code, right: Code): Code => [long(left), long(right), 0x81, 0xb9]
export const widen = (value: Code): Code => [value, 0xb7]
/** The last 32 bits of a wide number, which are the number itself if it has no more. */
export const narrow = (value: Code): Code => [long(value), 0xa7]
/** `test ? yes : no` for wide numbers. Only one of them is computed. */
export const chooseWide = (test: Code, yes: Code, no: Code): Code => [test, 0x04, 0x7c, yes, 0x05, no, 0x0b]

/** A wide number as a 64-bit integer. */
function long(value: Code): Code {
  return [value, 0xfc, 0x06]
}

/** `test ? yes : no`. Both are computed. */
export const select = (test: Code, yes: Code, no: Code): Code => [yes, no, test, 0x1b]
/** `test ? yes : no`. Only one of them is computed. */
export const choose = (test: Code, yes: Code, no: Code): Code => [test, 0x04, 0x7f, yes, 0x05, no, 0x0b]

export const load = (region: Region, address: Code, offset = 0): Code => [
  address,
  0x28,
  place(region, offset, 2),
]
export const store = (region: Region, address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  0x36,
  place(region, offset, 2),
]
export const load16 = (region: Region, address: Code, offset: number): Code => [
  address,
  0x2f,
  place(region, offset, 1),
]
export const store16 = (region: Region, address: Code, value: Code): Code => [
  address,
  value,
  0x3b,
  place(region, 0, 1),
]
export const loadByte = (region: Region, address: Code): Code => [address, 0x2d, place(region, 0, 0)]
export const storeByte = (region: Region, address: Code, value: Code, offset = 0): Code => [
  address,
  value,
  0x3a,
  place(region, offset, 0),
]
/** Vectors of four integers: load, splat, bitwise and, and compare, which gives -1 for equal lanes. */
export const loadFour = (region: Region, address: Code, offset: number): Code => [
  address,
  [0xfd, 0x00],
  place(region, offset, 2),
]
export const four = (value: Code): Code => [value, [0xfd, 0x11]]
export const andFour = (left: Code, right: Code): Code => [left, right, [0xfd, 0x4e]]
export const equalFour = (left: Code, right: Code): Code => [left, right, [0xfd, 0x37]]
/** Returns a bit mask of the lanes that are -1, for 16 lanes in four vectors. */
export const whichOf16 = (fours: readonly Code[]): Code => {
  const narrow32 = [0xfd, 0x85, 0x01]
  return [
    [at(fours, 0), at(fours, 1), narrow32],
    [at(fours, 2), at(fours, 3), narrow32],
    [0xfd, 0x65],
    [0xfd, 0x64],
  ]
}
/** Adds 1 to a 64-bit integer. */
export const count = (region: Region, address: Code, offset: number): Code => {
  const at = place(region, offset, 3)
  return [address, address, 0x29, at, 0x42, 1, 0x7c, 0x37, at]
}
/** Replaces `expected` by `value` atomically and returns the previous value. */
export const compareExchange = (region: Region, address: Code, expected: Code, value: Code): Code => [
  address,
  expected,
  value,
  0xfe,
  0x48,
  place(region, 0, 2),
]

/** Adds `value` atomically and returns the previous value. */
export const fetchAdd = (region: Region, address: Code, value: Code): Code => [
  address,
  value,
  0xfe,
  0x1e,
  place(region, 0, 2),
]

/** A block: `exit(0)` inside it leaves it. Each piece of code around the exit counts one more. */
export const block = (body: Code): Code => [0x02, 0x40, body, 0x0b]
/** A loop: `exit(0)` inside it starts the next round. */
export const loop = (body: Code): Code => [0x03, 0x40, body, 0x0b]
export const exit = (depth: number): Code => [0x0c, unsigned(depth)]
export const exitIf = (depth: number, test: Code): Code => [test, 0x0d, unsigned(depth)]
/** Exits by `depths[on]`, or by `otherwise` if `on` is out of range. */
export const exitBy = (on: Code, depths: readonly number[], otherwise: number): Code => [
  on,
  0x0e,
  unsigned(depths.length),
  depths.map(unsigned),
  unsigned(otherwise),
]
export const when = (test: Code, yes: Code, no: Code = NOTHING): Code =>
  no === NOTHING ? [test, 0x04, 0x40, yes, 0x0b] : [test, 0x04, 0x40, yes, 0x05, no, 0x0b]
/**
 * Repeats `body` while `test` holds. The body stands in two pieces of code, so its exits count from there.
 */
export const whileTrue = (test: Code, body: Code): Code => loop(when(test, [body, exit(1)]))
export const call = (index: number, ...args: Code[]): Code => [args, 0x10, unsigned(index)]
export const giveBack = (value: Code = NOTHING): Code => [value, 0x0f]

function binary(opcode: number): Binary {
  return (left, right) => [left, right, opcode]
}

function place({ memory, offset }: Region, more: number, align: number): Code {
  if (memory === 0) return [align, unsigned(offset + more)]
  return [align | 0x40, unsigned(memory), unsigned(offset + more)]
}

/** A number below 2^32 in LEB128. */
export function unsigned(value: number): Code {
  if (value < 0x80) return value
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return bytes
}

/** A signed 32-bit integer in LEB128. */
function signed(value: number): Code {
  const bytes: number[] = []
  let rest = value
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest & 0x7f)
  return bytes
}
