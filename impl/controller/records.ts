/** The record of an instance in a registry: a line of JSON that other controllers read. */

import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { at } from '../../checker/text/at.ts'
import { type JsonLimits, parseJson } from '../../checker/text/json.ts'
import type { RegistrarState } from '../../spec/machines/registration/compiled.ts'
import { REGISTRAR } from '../../spec/machines/registration/states.ts'
import { registrarStep } from '../../spec/machines/registration/step.ts'
import { listenedPrefixOf, printPrefix } from '../host/services/serviceId.ts'
import { parseAddress } from '../link/address.ts'
import { LONGEST_LEASE_MS } from './limits.ts'
import { address, instance, service, share, time, version, within } from './messages.ts'
import { VALUE_LIMIT } from './registry/registry.ts'

/** By the machine's states. An absent instance has no record. */
export const STATES = ['absent', 'bound', 'expired', 'gone', 'evicted'] as const

/** As long as a registry's values may be. Records do not nest. */
const RECORD_LIMITS: JsonLimits = { characters: VALUE_LIMIT, depth: 2, values: 64 }

const instanceRecord = t.intersection([
  t.strict({
    /** The host's name for it, and its 64 digits; for a prefix followed by `/` and its number of bits. */
    service,
    id: t.string,
    instance,
    state: t.keyof({ absent: null, bound: null, expired: null, gone: null, evicted: null }),
    version,
    address,
    priority: share,
    weight: share,
    leaseMs: within(LONGEST_LEASE_MS),
    /** The address of the host that registered it, without a port. */
    owner: t.string,
    /** When the newest certificate expires, ms since 1970; 0 without one. */
    expiresMs: time,
  }),
  /** Of a shared registry: the controller that hears the host (keepers.ts). */
  t.partial({ keeper: t.string }),
  /** Of a name that belongs to a key: that key. */
  t.partial({ vouchedBy: t.string }),
  /** When that certificate was signed; and whether the host's own check of the instance fails. */
  t.partial({ issuedMs: time, isFailing: t.boolean }),
])
export type InstanceRecord = t.TypeOf<typeof instanceRecord>

export const INSTANCE_KEY = 'instance'

export const keyOf = ({ id, instance }: Pick<InstanceRecord, 'id' | 'instance'>): string =>
  `${INSTANCE_KEY}.${id.replace('/', '_')}.${instance}`

/** Returns the service or prefix of a key. */
export const idIn = (key: string): string => at(key.split('.'), 1).replace('_', '/')

/** Returns the id of a service or prefix from a host's name for it, or undefined. */
function idOf(service: string): string | undefined {
  try {
    return printPrefix(listenedPrefixOf(service))
  } catch {
    return undefined
  }
}

/** Returns undefined for a text that no controller wrote. */
export function readRecord<A>(codec: t.Decoder<unknown, A>, text: string): A | undefined {
  try {
    const decoded = codec.decode(parseJson(text, RECORD_LIMITS))
    return isRight(decoded) ? decoded.right : undefined
  } catch {
    return undefined
  }
}

/** True if a text is an address. */
export function isAddress(text: string): boolean {
  try {
    parseAddress(text)
    return true
  } catch {
    return false
  }
}

export function readInstance(key: string, text: string): InstanceRecord | undefined {
  const record = readRecord(instanceRecord, text)
  if (record === undefined || keyOf(record) !== key) return undefined
  return idOf(record.service) === record.id && isAddress(record.address) ? record : undefined
}

const { initial } = registrarStep()

/** Returns the machine's state for a record. */
export function machineOf(record: InstanceRecord | undefined): RegistrarState {
  const state = initial()
  if (record === undefined) return state
  const registrar = STATES.indexOf(record.state)
  return { ...state, registrar, known: record.version, address: registrar === REGISTRAR.BOUND ? 1 : 0 }
}
