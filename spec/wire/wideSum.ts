/**
 * Sums many words at once in WebAssembly, which has vector instructions that JavaScript lacks. Including the copy,
 * summing a packet takes a third of the time.
 */

/** One page of memory, with zeros after the copied bytes for the last vector. */
const PAGE = 65_536
const STRIDE = 64
const ROOM = PAGE - STRIDE

interface Program {
  readonly memory: WebAssembly.Memory
  /** Returns the 32-bit sum of the 16-bit words from `at` to `end`, low byte first; writes zeros after `end`. */
  sum(at: number, end: number): number
}

// https://www.w3.org/TR/wasm-core-2/#binary-format
/** Encodes a number below 2 ** 14. */
const number = (value: number) => [(value & 0x7f) | 0x80, value >>> 7]
const sized = (...content: number[]) => [...number(content.length), ...content]
const section = (id: number, ...content: number[]) => [id, ...sized(...content)]
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const simd = (...code: number[]) => [0xfd, ...code]
const [AT, END, SUMS] = [0, 1, 2]
const [ADD, ADD_LANES, ADD_PAIRS] = [0x6a, simd(0xae, 1), simd(0x7f)]
const LANES = [0, 1, 2, 3]

const code = [
  ...[1, 1, 0x7b], // One more local, of 128 bits: 0 at first.
  ...LANES.flatMap(i => [...get(END), ...get(SUMS), ...simd(0x0b, 0, 16 * i)]),
  ...[0x03, 0x40],
  ...LANES.flatMap(i => [
    ...[...get(SUMS), ...get(AT), ...simd(0x00, 0, 16 * i)],
    ...[...ADD_PAIRS, ...ADD_LANES, ...set(SUMS)],
  ]),
  ...[...get(AT), 0x41, ...number(STRIDE), ADD, 0x22, AT, ...get(END), 0x49, 0x0d, 0, 0x0b],
  ...LANES.flatMap(i => [...get(SUMS), ...simd(0x1b, i)]),
  ...[ADD, ADD, ADD, 0x0b],
]

const program = new WebAssembly.Instance(
  new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f),
      ...section(3, 1, 0),
      ...section(5, 1, 0, 1),
      ...section(7, 2, 3, ...Buffer.from('sum'), 0, 0, 6, ...Buffer.from('memory'), 2, 0),
      ...section(10, 1, ...sized(...code)),
    ]),
  ),
  {},
).exports as unknown as Program

const copied = new Uint8Array(program.memory.buffer)

/** The most bytes per sum. */
export const MOST_WIDE = ROOM

/**
 * Returns the sum of the 16-bit words in `bytes` from `start` to `end`, at most MOST_WIDE, low byte first; after an odd
 * byte a 0.
 */
export function wideSum(bytes: Uint8Array, start: number, end: number): number {
  if (bytes.length <= ROOM && 2 * (end - start) > bytes.length) {
    copied.set(bytes)
    return program.sum(start, end) >>> 0
  }
  copied.set(bytes.subarray(start, end))
  return program.sum(0, end - start) >>> 0
}
