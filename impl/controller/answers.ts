/** How a controller answers a claim. */
import { clauseOf } from '../../checker/text/errors.ts'
import { CONTROLLER_ERRORS, type RefusalCode } from './errors.ts'
import type { Claimed } from './instance.ts'
import type { Answer } from './messages.ts'
import type { InstanceRecord } from './records.ts'

const namesOf = ({ service, instance, version }: InstanceRecord) => ({ service, instance, version })

/** `ticket`: what renews the lease, for a host that understands it. */
export function confirmedOf<Peer extends { readonly understandsRenewals: boolean }>(
  { peer, record }: Claimed<Peer>,
  leaseMs: number,
  ticket: number | undefined,
): Answer {
  const confirmed = { type: 'confirmed', ...namesOf(record), leaseMs } as const
  return peer.understandsRenewals && ticket !== undefined ? { ...confirmed, ticket } : confirmed
}

export const refusedOf = ({ record, refusal }: Claimed<unknown>, code: RefusalCode): Answer => ({
  ...{ type: 'refused', ...namesOf(record), code },
  message: refusal?.message ?? `${code}: ${clauseOf(CONTROLLER_ERRORS[code])}`,
})
