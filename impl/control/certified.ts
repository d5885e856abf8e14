/** Claims with what proves them, of services that certify themselves (docs/services.md). */
import type { KeyObject } from 'node:crypto'
import { parseAddress } from '../link/address.ts'
import { certify } from '../sal/certificate.ts'
import { isCertified, listenedPrefixOf } from '../sal/serviceId.ts'
import type { Claim } from './messages.ts'

/** The claim, signed with the service's key to hold until `untilMs` if its service asks for that. */
export function certified(claim: Claim, key: KeyObject | undefined, untilMs: number): Claim {
  const { id: service } = listenedPrefixOf(claim.service)
  if (key === undefined || !isCertified(service)) return claim
  const { type: act, instance, version } = claim
  const [address, expiresMs] = [parseAddress(claim.address), Math.ceil(untilMs)]
  const certificate = certify({ act, service, instance, address, version, expiresMs }, key)
  return { ...claim, expiresMs, certificate }
}
