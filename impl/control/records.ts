/** What registries keep of an instance, as a line of JSON that other controllers read. */
import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { MachineState } from '../../spec/lower/standalone.ts'
import { REGISTRAR } from '../../spec/registration/lowered.ts'
import { registrarStep } from '../../spec/registration/step.ts'
import { listenedPrefixOf, printPrefix } from '../sal/serviceId.ts'

/** By the machine's states; an instance that is absent has no record. */
export const STATES = ['absent', 'bound', 'expired', 'gone'] as const

const instanceRecord = t.strict({
  /** As the host named it, and its 64 digits; of a prefix `/` and the number of its bits behind them. */
  service: t.string,
  id: t.string,
  instance: t.string,
  state: t.keyof({ absent: null, bound: null, expired: null, gone: null }),
  version: t.number,
  address: t.string,
  priority: t.number,
  weight: t.number,
  leaseMs: t.number,
  /** The address of the host that registered it, without a port. */
  owner: t.string,
  /** When the last certificate that was seen of it expires, ms since 1970; 0 without one. */
  expiresMs: t.number,
})
export type InstanceRecord = t.TypeOf<typeof instanceRecord>

export const INSTANCE_KEY = 'instance'

export const keyOf = ({ id, instance }: Pick<InstanceRecord, 'id' | 'instance'>): string =>
  `${INSTANCE_KEY}.${id.replace('/', '_')}.${instance}`

/** The service or prefix of a key. */
export const idIn = (key: string): string => key.split('.')[1]!.replace('_', '/')

/** The id of a service or prefix as a host has named it; undefined: it is none. */
function idOf(service: string): string | undefined {
  try {
    return printPrefix(listenedPrefixOf(service))
  } catch {
    return undefined
  }
}

/** Undefined for what no controller has written. */
export function readRecord<A>(codec: t.Decoder<unknown, A>, text: string): A | undefined {
  try {
    const decoded = codec.decode(JSON.parse(text))
    return isRight(decoded) ? decoded.right : undefined
  } catch {
    return undefined
  }
}

export function readInstance(key: string, text: string): InstanceRecord | undefined {
  const record = readRecord(instanceRecord, text)
  return record !== undefined && keyOf(record) === key && idOf(record.service) === record.id
    ? record
    : undefined
}

const { initial } = registrarStep()

/** The machine's state that a record stands for. */
export function machineOf(record: InstanceRecord | undefined): MachineState {
  const state = initial()
  if (record === undefined) return state
  const registrar = STATES.indexOf(record.state)
  return { ...state, registrar, known: record.version, address: registrar === REGISTRAR.BOUND ? 1 : 0 }
}
