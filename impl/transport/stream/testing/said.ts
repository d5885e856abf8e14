/** Short notations of segments, for comparisons. */
import { at } from '../../../../checker/text/at.ts'
import type { Said } from './hand.ts'

/** `1+1000` for bytes, `=1` for a bare acknowledgment; `F` marks a FIN. */
export const brief = (said: readonly Said[]): string[] =>
  said.map(({ seq, size, fin, ack }) => (size > 0 || fin ? `${seq}+${size}${fin ? 'F' : ''}` : `=${ack}`))

/** The same with times since `fromMs`, rounded to ms. */
export const timed = (said: readonly (Said & { readonly atMs: number })[], fromMs: number): string[] =>
  brief(said).map((text, i) => `${Math.round(at(said, i).atMs - fromMs)}ms ${text}`)
