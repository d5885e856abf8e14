/** Claims with their proofs, for keyed services (docs/services.md). */

import { certify, type Statement } from '../host/services/certificate.ts'
import { listenedPrefixOf } from '../host/services/serviceId.ts'
import { type Address, parseAddress } from '../link/address.ts'
import type { ServiceKeys } from '../sockets/serviceKeys.ts'
import type { Claim } from './messages.ts'

/** Returns the part of a claim that the key signs. */
export function statementOf(claim: Claim, service: Uint8Array, address: Address): Statement {
  const { type: act, instance, version, expiresMs = 0, issuedMs = 0 } = claim
  const statement = { act, service, instance, address, version, expiresMs, issuedMs }
  if (claim.type === 'unregister') return statement
  const { priority, weight, leaseMs, isFailing = false } = claim
  return { ...statement, priority, weight, leaseMs, isFailing }
}

/** Returns the claim. Adds a certificate valid for `lifeMs` if the service has a key that the stack holds. */
export function certified(claim: Claim, keys: ServiceKeys, now: number, lifeMs: number): Claim {
  const { id: service } = listenedPrefixOf(claim.service)
  const key = keys.of(service)
  if (key === undefined) return claim
  const [issuedMs, expiresMs] = [Math.floor(now), Math.ceil(now + lifeMs)]
  const statement = statementOf({ ...claim, issuedMs, expiresMs }, service, parseAddress(claim.address))
  return { ...claim, issuedMs, expiresMs, certificate: certify(statement, key) }
}
