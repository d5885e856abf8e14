/** Checks what a host claims for an instance: form, address, lease, certificate. */

import { Latest } from '../../checker/text/latest.ts'
import { certificateFault } from '../host/services/certificate.ts'
import { ServiceError } from '../host/services/serviceErrors.ts'
import {
  covers,
  isCertified,
  listenedPrefixOf,
  printPrefix,
  type ServicePrefix,
  serviceIdOf,
} from '../host/services/serviceId.ts'
import {
  type Address,
  hostOf,
  isIPv4,
  isLoopback,
  isMulticast,
  isUnspecified,
  parseAddress,
  portOf,
  printAddress,
  withPort,
} from '../link/address.ts'
import { LinkError } from '../link/errors.ts'
import { type Authority, isControllers, type Vouched } from './authority/authority.ts'
import { statementOf } from './certified.ts'
import { PlaneError } from './errors.ts'
import type { Claimed } from './instance.ts'
import {
  LEAST_LEASE_MS,
  LEAST_PREFIX_BITS,
  LONGEST_LEASE_MS,
  PLAIN_PRIORITY_LIMIT,
  PLAIN_WEIGHT_LIMIT,
} from './limits.ts'
import { type Claim, CONTROLLER_SERVICE } from './messages.ts'
import type { InstanceRecord } from './records.ts'

/** The host that makes the claim: the remote end of its connection, and whether it is in the controller's own process. */
export interface Claimant {
  readonly address: Address
  readonly isOwn: boolean
  /** The name of the token that it has shown. */
  readonly hostName?: string | undefined
  /** How others reach it at this address. Default: directly. */
  readonly reach?: (address: string) => Reach
}

/** `carried`: through the controller, at one of its addresses. `never`: so would be, but the controller is no relay. */
export type Reach = 'directly' | 'carried' | 'never'

/**
 * Returns the record for a claim; with `refusal` for one that the authority does not allow. Throws a PlaneError for a claim
 * that is invalid for any authority.
 */
export function judge(
  claim: Claim,
  claimant: Claimant,
  now: number,
  authority: Authority,
): Pick<Claimed<never>, 'record' | 'refusal'> {
  const prefix = prefixOf(claim.service)
  const { address } = claimedAddress(claim.address)
  if (claim.type === 'register') checkLease(claim.leaseMs)
  checkReachable(address, claimant.address)
  const owner = hostOf(claimant.address)
  const reach = claimant.reach?.(printAddress(address)) ?? 'directly'
  if (claim.type === 'register' && reach === 'never') throw noRelay(claim.address)
  checkName(prefix, claimant)
  const vouched = isControllers(prefix)
    ? undefined
    : vouchedBy(claim, prefix, address, now, claimant, authority)
  if (vouched instanceof PlaneError) return { record: recordOf(claim, prefix, owner, {}), refusal: vouched }
  if (vouched !== undefined) return { record: recordOf(claim, prefix, owner, vouched) }
  if (!isCertified(prefix.id)) checkPlain(claim, address, owner, reach)
  else checkCertificate(claim, prefix.id, address, now)
  const { expiresMs = 0 } = isCertified(prefix.id) ? claim : {}
  return { record: recordOf(claim, prefix, owner, { expiresMs }) }
}

/** Returns what vouches for the claim, or why the host may not make it. */
function vouchedBy(
  claim: Claim,
  prefix: ServicePrefix,
  address: Address,
  now: number,
  { address: from, hostName, isOwn }: Claimant,
  authority: Authority,
): Vouched | PlaneError | undefined {
  try {
    const vouched = authority.vouch(claim, prefix, address, now)
    if (vouched === undefined && !isOwn && !authority.access.isRegisterOpen)
      authority.checkAccess({ host: hostOf(from), hostName }, prefix)
    return vouched
  } catch (error) {
    if (error instanceof PlaneError) return error
    throw error
  }
}

function recordOf(
  claim: Claim,
  prefix: ServicePrefix,
  owner: string,
  { expiresMs = 0, ...signed }: Partial<Vouched>,
): InstanceRecord {
  const isRegister = claim.type === 'register'
  // One literal with all fields that every record has: V8 gives a record built in parts twice the memory.
  const record: InstanceRecord = {
    service: copyOf(prefix.text),
    id: printPrefix(prefix),
    instance: copyOf(claim.instance),
    version: claim.version,
    owner,
    address: claimedAddress(claim.address).printed,
    state: isRegister ? 'bound' : 'gone',
    priority: isRegister ? claim.priority : 0,
    weight: isRegister ? claim.weight : 0,
    leaseMs: isRegister ? claim.leaseMs : LEAST_LEASE_MS,
    expiresMs,
  }
  if (isRegister && claim.isFailing === true) record.isFailing = true
  if (expiresMs > 0) record.issuedMs = claim.issuedMs ?? 0
  return Object.assign(record, signed)
}

/** Throws CONTROLLER_PREFIX, CONTROLLER_SERVICE for names that no host may register. */
function checkName(prefix: ServicePrefix, { isOwn }: Claimant): void {
  if (prefix.bits < LEAST_PREFIX_BITS)
    throw new PlaneError(
      'CONTROLLER_PREFIX',
      `'${prefix.text}' would attract what others are named; register ${LEAST_PREFIX_BITS} bits or more, such as ` +
        'acme/*, or let an operator add a rule',
    )
  if (covers(prefix, CONTROLLER_ID) && !isOwn)
    throw new PlaneError(
      'CONTROLLER_SERVICE',
      `'${CONTROLLER_SERVICE}' is the controllers' own; choose another name`,
    )
}

/** A part of a line keeps the whole line in memory, and the lines that arrived with it. Returns ASCII text by itself. */
const copyOf = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

/** Returns how the texts of all addresses of a host begin: `127.0.0.1:`. */
export const startOf = (address: Address): string => printAddress(withPort(address, 0)).slice(0, -1)

interface ClaimedAddress {
  readonly address: Address
  readonly printed: string
}

/** IPv4 addresses that hosts claimed last. A host registers many services at one; their records share its text. */
const RECENT_ADDRESSES = 256
const recentAddresses = new Latest<string, ClaimedAddress>(RECENT_ADDRESSES)

/** Throws CONTROLLER_ADDRESS. */
function claimedAddress(text: string): ClaimedAddress {
  const known = recentAddresses.get(text)
  if (known !== undefined) return known
  const address = addressOf(text)
  const claimed = { address, printed: copyOf(printAddress(address)) }
  // The number of an IPv6 address may be forgotten.
  if (isIPv4(address)) recentAddresses.set(copyOf(text), claimed)
  return claimed
}

/** Throws CONTROLLER_SERVICE. */
export const serviceOf = (text: string): Uint8Array => read(() => serviceIdOf(text))

/** Returns the service or prefix to register. Throws CONTROLLER_SERVICE. */
export const prefixOf = (text: string): ServicePrefix => read(() => listenedPrefixOf(text))

function read<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof ServiceError) throw new PlaneError('CONTROLLER_SERVICE', sentenceOf(error))
    throw error
  }
}

const CONTROLLER_ID = serviceIdOf(CONTROLLER_SERVICE)

/** Throws CONTROLLER_ADDRESS. */
export function addressOf(text: string): Address {
  try {
    return parseAddress(text)
  } catch (error) {
    if (error instanceof LinkError) throw new PlaneError('CONTROLLER_ADDRESS', sentenceOf(error))
    throw error
  }
}

/** Removes the code, which belongs to another set of errors. */
const sentenceOf = ({ message }: Error): string => message.replace(/^[A-Z_]+: /, '')

function checkLease(leaseMs: number): void {
  if (leaseMs < LEAST_LEASE_MS || leaseMs > LONGEST_LEASE_MS)
    throw new PlaneError(
      'CONTROLLER_LEASE',
      `a lease of ${leaseMs} ms cannot be; ask for ${LEAST_LEASE_MS} to ${LONGEST_LEASE_MS}`,
    )
}

/** Throws CONTROLLER_ADDRESS for an address that would lead clients to nobody, to many hosts, or to themselves. */
function checkReachable(address: Address, from: Address): void {
  const text = printAddress(address)
  if (portOf(address) === 0 || isUnspecified(address) || isMulticast(address))
    throw new PlaneError(
      'CONTROLLER_ADDRESS',
      `${text} is not the address of one host; register where clients reach the instance`,
    )
  if (isLoopback(address) && !isLoopback(from))
    throw new PlaneError(
      'CONTROLLER_ADDRESS',
      `${text} is a loopback address, and you are at ${hostOf(from)}; register the address that others reach`,
    )
}

const noRelay = (address: string): PlaneError =>
  new PlaneError(
    'CONTROLLER_ADDRESS',
    `${address} is this controller's, which is no relay; start it with --relay, or forward a port of your NAT and advertise that`,
  )

/** Nothing proves a plain name, so its host may claim only its own address, with a limited priority and weight. */
function checkPlain(claim: Claim, address: Address, owner: string, reach: Reach): void {
  if (hostOf(address) !== owner && reach !== 'carried')
    throw new PlaneError(
      'CONTROLLER_ADDRESS',
      `you are at ${owner}, and ${claim.address} is elsewhere; register where you are, or use a service with a key`,
    )
  if (claim.type === 'unregister') return
  const { priority, weight } = claim
  if (priority > PLAIN_PRIORITY_LIMIT || weight > PLAIN_WEIGHT_LIMIT)
    throw new PlaneError(
      'CONTROLLER_PRIORITY',
      `priority ${priority} and weight ${weight} are above ${PLAIN_PRIORITY_LIMIT} and ${PLAIN_WEIGHT_LIMIT}, the ` +
        'most that a service without a key may have; register less, or let an operator add a rule',
    )
}

function checkCertificate(claim: Claim, service: Uint8Array, address: Address, now: number): void {
  const { certificate } = claim
  const fault =
    certificate === undefined
      ? 'CERTIFICATE_FORM'
      : certificateFault(statementOf(claim, service, address), certificate, now)
  if (fault === 'CERTIFICATE_EXPIRED')
    throw new PlaneError(
      'CONTROLLER_LEASE',
      'the certificate has expired; sign another, and look at the clock',
    )
  if (fault !== undefined)
    throw new PlaneError(
      'CONTROLLER_CERTIFICATE',
      `this is a keyed service, and its key has not signed this (${fault}); register with the service's key`,
    )
}
