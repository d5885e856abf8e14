import type { Registers } from './registers.ts'
/** Which identifiers a host may give to a new flow. */
import { CONNECTION } from './states.ts'

interface Named {
  readonly connection: number
  readonly localFlow: number
}

/** A flow holds its flowID while it lives, and through TIME-WAIT (invariants 8, 9). */
export const holdsFlowId = (flow: Named, id: number): boolean =>
  flow.localFlow === id && flow.connection !== CONNECTION.INIT && flow.connection !== CONNECTION.CLOSED

/** True if a RST refuses the SYN of a connecting flow: its sender saw the SYN. The flow's machine asks the same. */
export const refusesSyn = (
  flow: Pick<Registers, 'localNonce' | 'sndNxt'>,
  rst: { readonly nonce: number; readonly ackno: number },
): boolean => rst.nonce === flow.localNonce && rst.ackno === flow.sndNxt
