/** Decides who may register which names at a controller. It is fixed: a controller that reads its file again makes another. */
import { Latest } from '../../../checker/text/latest.ts'
import { certificateFault, certificateSigner, keyMatches } from '../../host/services/certificate.ts'
import { areEqual, type GrantFault, printPublicKey, verifyGrant } from '../../host/services/grant.ts'
import {
  isCertified,
  type ServicePrefix,
  serviceIdOf,
  servicePrefixOf,
} from '../../host/services/serviceId.ts'
import type { Address } from '../../link/address.ts'
import { statementOf } from '../certified.ts'
import { PlaneError } from '../errors.ts'
import { type Claim, CONTROLLER_SERVICE } from '../messages.ts'
import type { InstanceRecord } from '../records.ts'
import { Access, type AccessLists, type KnownHost } from './access.ts'
import { type Owned, Owners } from './owners.ts'
import { Tokens } from './tokens.ts'

/** What an operator tells a controller about its authority. */
export interface AuthorityOptions {
  /** The public keys (`ed25519:...`) to which prefixes belong. */
  readonly keys?: Readonly<Record<string, readonly string[]>>
  /** The hashes of the tokens of hosts (`sha256:...`), by names for the hosts. With any, each host must present one. */
  readonly tokens?: Readonly<Record<string, string>>
  /** The hosts that may register names without a key, and resolve names, by prefix. */
  readonly access?: Readonly<Record<string, AccessLists>>
}

/** A key of the name's prefix vouches for a claim until this time, ms since 1970. */
export interface Vouched {
  readonly vouchedBy: string
  readonly expiresMs: number
}

/** Links of grants whose signatures are known to be valid: about 2 MB. */
const VERIFIED_LIMIT = 4096

const CONTROLLER_ID = serviceIdOf(CONTROLLER_SERVICE)

/** Decides which hosts may register which names at this controller: by the keys that own prefixes, and by tokens. */
export class Authority {
  readonly tokens: Tokens
  readonly access: Access
  readonly #owners: Owners
  readonly #verified = new Latest<string, true>(VERIFIED_LIMIT)

  /** Throws a ServiceError, CONTROLLER_KEYS. */
  constructor({ keys = {}, tokens = {}, access = {} }: AuthorityOptions = {}) {
    this.tokens = new Tokens(tokens)
    this.access = new Access(access, this.tokens.names)
    this.#owners = new Owners(keys)
  }

  /**
   * Returns what vouches for a claim: undefined for a name that belongs to no key. Throws CONTROLLER_OWNER,
   * CONTROLLER_GRANT, CONTROLLER_LEASE for a claim that the name's key does not vouch for.
   */
  vouch(claim: Claim, name: ServicePrefix, address: Address, now: number): Vouched | undefined {
    const owned = this.#owners.of(name)
    const vouched = owned && this.#vouchedBy(owned, claim, name, address, now)
    const below = this.#owners.below(name, vouched?.vouchedBy)
    if (below !== undefined)
      throw new PlaneError(
        'CONTROLLER_OWNER',
        `'${name.text}' would attract flows of '${below.prefix.text}', which belongs to a key; register less`,
      )
    return vouched
  }

  /** Throws CONTROLLER_ACCESS if a host may not register a name without a key. */
  checkAccess(host: KnownHost, name: ServicePrefix): void {
    const denied = isCertified(name.id) ? undefined : this.access.deniedFor(host, name)
    if (denied !== undefined)
      throw new PlaneError(
        'CONTROLLER_ACCESS',
        `the list of '${denied.text}' does not let this host register '${name.text}'; ask the operator to add the host`,
      )
  }

  #vouchedBy(owned: Owned, claim: Claim, name: ServicePrefix, address: Address, now: number): Vouched {
    const { certificate, grant } = claim
    const signer = certificate === undefined ? undefined : certificateSigner(certificate)
    if (certificate === undefined || signer === undefined)
      throw notGranted(owned, name, 'the host has no key')
    const valid = verifyGrant(grant, { name, owners: owned.keys, signer }, now, this.#verified)
    if (valid === 'GRANT_EXPIRED')
      throw new PlaneError(
        'CONTROLLER_GRANT',
        `the grant for '${name.text}' has expired; sign another with serval key sign, and compare the clocks`,
      )
    if (typeof valid === 'string') throw notGranted(owned, name, WRONG[valid])
    const isRight = (key: Uint8Array): boolean => !isCertified(name.id) || keyMatches(name.id, key)
    const fault = certificateFault(statementOf(claim, name.id, address), certificate, now, isRight)
    if (fault === 'CERTIFICATE_EXPIRED')
      throw new PlaneError(
        'CONTROLLER_LEASE',
        'the certificate has expired; sign another, and look at the clock',
      )
    if (fault !== undefined) throw notGranted(owned, name, fault)
    return {
      vouchedBy: printPublicKey(valid.owner),
      expiresMs: Math.min(valid.expiresMs, claim.expiresMs ?? 0),
    }
  }

  /** True if a stored registration may serve: the name belongs to no key, or to the one that vouched for it. */
  mayServe({ id, vouchedBy }: Pick<InstanceRecord, 'id' | 'vouchedBy'>): boolean {
    if (this.#owners.isEmpty) return true
    const name = servicePrefixOf(id)
    const owned = this.#owners.of(name)
    if (owned !== undefined && !(vouchedBy !== undefined && owned.names.has(vouchedBy)))
      return isControllers(name)
    return this.#owners.below(name, vouchedBy) === undefined
  }
}

/** The controllers' own service belongs to no key: only the process of a controller registers it. */
export const isControllers = ({ id }: Pick<ServicePrefix, 'id'>): boolean => areEqual(id, CONTROLLER_ID)

/** Describes each fault of a grant. */
const WRONG: Readonly<Record<GrantFault, string>> = {
  GRANT_FORM: 'the grant is malformed',
  GRANT_KEY: 'the grant is of another key, or for another',
  GRANT_NAME: 'the grant is for other names',
  GRANT_EXPIRED: 'the grant has expired',
  GRANT_SIGNATURE: 'a signature of the grant is wrong',
}

const notGranted = (owned: Owned, name: ServicePrefix, fault: string): PlaneError =>
  new PlaneError(
    'CONTROLLER_OWNER',
    `'${name.text}' belongs to ${[...owned.names].join(' or ')}, which has not granted it to this host (${fault}); give a key with a grant for this name`,
  )
