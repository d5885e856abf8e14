/** Claims with what proves them, of services that certify themselves (docs/services.md). */
import { parseAddress } from '../link/address.ts'
import { certify } from '../sal/certificate.ts'
import { listenedPrefixOf } from '../sal/serviceId.ts'
import type { ServiceKeys } from '../socket/serviceKeys.ts'
import type { Claim } from './messages.ts'

/** Returns the claim, with a certificate until `untilMs` if its service has a key that the stack holds. */
export function certified(claim: Claim, keys: ServiceKeys, untilMs: number): Claim {
  const { id: service } = listenedPrefixOf(claim.service)
  const key = keys.of(service)
  if (key === undefined) return claim
  const { type: act, instance, version } = claim
  const [address, expiresMs] = [parseAddress(claim.address), Math.ceil(untilMs)]
  const certificate = certify({ act, service, instance, address, version, expiresMs }, key)
  return { ...claim, expiresMs, certificate }
}
