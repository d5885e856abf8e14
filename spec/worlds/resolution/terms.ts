/** Terms that the invariants of resolution use. */
import { KEYED } from './state.ts'

/** Whether the first `bits` of two of a serviceID are those of a rule. */
export const agrees = (prefix: number, bits: number, service: number): boolean =>
  bits === 0 || (bits === 1 && service >> 1 === prefix) || (bits === 2 && service === prefix)

/** A listener's rule matches a keyed service only with the complete serviceID. */
export const mayLead = (plain: number, bits: number, service: number): boolean =>
  plain === 0 || bits === 2 || service !== KEYED
