/** Claims with their proofs, for keyed services (docs/services.md) and names that belong to a key (docs/authority.md). */

import { certify, type Statement } from '../host/services/certificate.ts'
import { listenedPrefixOf } from '../host/services/serviceId.ts'
import { type Address, parseAddress } from '../link/address.ts'
import type { ServiceKeys } from '../sockets/serviceKeys.ts'
import type { Credentials } from './credentials.ts'
import type { Claim } from './messages.ts'

/** Returns the part of a claim that the key signs. */
export function statementOf(claim: Claim, service: Uint8Array, address: Address): Statement {
  const { type: act, instance, version, expiresMs = 0, issuedMs = 0 } = claim
  const statement = { act, service, instance, address, version, expiresMs, issuedMs }
  if (claim.type === 'unregister') return statement
  const { priority, weight, leaseMs, isFailing = false } = claim
  return { ...statement, priority, weight, leaseMs, isFailing }
}

/**
 * Returns the claim. Adds a certificate valid for `lifeMs` if the stack holds the service's key, or the host a credential for
 * the name. Of a keyed service the same key must be granted the name.
 */
export function certified(
  claim: Claim,
  keys: ServiceKeys,
  credentials: Credentials,
  now: number,
  lifeMs: number,
): Claim {
  const name = listenedPrefixOf(claim.service)
  const { id: service } = name
  const own = keys.of(service)
  const { key = own, grant } = credentials.of(name, own) ?? {}
  if (key === undefined) return claim
  const [issuedMs, expiresMs] = [Math.floor(now), Math.ceil(now + lifeMs)]
  const statement = statementOf({ ...claim, issuedMs, expiresMs }, service, parseAddress(claim.address))
  const certificate = certify(statement, key)
  return { ...claim, issuedMs, expiresMs, certificate, ...(grant !== undefined && { grant }) }
}
