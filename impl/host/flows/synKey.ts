/** What identifies a SYN at its listener. */
import type { Frame } from '../../../spec/wire/frame.ts'

const words = new Uint32Array(6)
const units = new Uint16Array(words.buffer)

/** Address, flowID, nonce and version (D8), packed into a string without overhead. `verno` is the SYN's. */
export function synKeyOf(frame: Frame, from: number, verno: number): string {
  words[0] = from
  words[1] = from / 2 ** 32
  words[2] = frame.srcFlow
  words[3] = frame.nonceHigh
  words[4] = frame.nonceLow
  words[5] = verno
  return String.fromCharCode(...units)
}
