/** Checks the arguments of `addFlow` and `removeFlow`. */
import type { Flow } from '../host/flows/flow.ts'
import { sourceFor } from '../host/services/route.ts'
import { NO_ADDRESS, parseDestination, portOf } from '../link/address.ts'
import type { Address } from '../link/link.ts'
import { addressOn } from './addressChoice.ts'
import { argumentError } from './arguments.ts'
import { asSocketError, socketError } from './errors.ts'
import type { FlowPlace } from './flowInfo.ts'
import type { Joining } from './flowKeeper.ts'
import type { Handle } from './handle.ts'

/** Where to add a flow: at least one of the ends. */
export interface Place {
  /** An address or interface of this host. Default: the best one that reaches `to`. */
  readonly from?: string | undefined
  /** An address of the peer. Default: the one in use. */
  readonly to?: string | undefined
  /** Data goes there only while no other flow works. */
  readonly isBackup?: boolean | undefined
}

/** A flowID, or what has one. */
export type FlowArgument = number | Pick<FlowPlace, 'flow'>

/**
 * Returns the flow to add. `peer` is the address in use. Throws ERR_INVALID_ARG_TYPE, LINK_ADDRESS, EADDRNOTAVAIL,
 * ENETUNREACH.
 */
export function joiningIn(place: unknown, own: readonly Address[], peer: Address = NO_ADDRESS): Joining {
  const given = typeof place === 'string' ? { from: place } : place
  if (typeof given !== 'object' || given === null)
    throw argumentError('place', 'an address or { from, to }', place)
  const { from, to, isBackup = false } = given as Record<string, unknown>
  if (from === undefined && to === undefined) throw argumentError('place', 'an address as from or to', place)
  const there = to === undefined ? peer : parseDestination(textIn('to', to), portOf(peer) || undefined)
  if (typeof isBackup !== 'boolean') throw argumentError('isBackup', 'true or false', isBackup)
  try {
    const here = from === undefined ? sourceFor(there, own) : addressOn(own, textIn('from', from))
    if (here === NO_ADDRESS)
      throw socketError('EADDRNOTAVAIL', 'addFlow', { address: `${from}`.slice(0, 80) })
    return { from: here, to: there, isBackup }
  } catch (error) {
    throw asSocketError(error, 'addFlow')
  }
}

function textIn(name: string, value: unknown): string {
  if (typeof value !== 'string') throw argumentError(name, 'an address', value)
  return value
}

/** Returns the flow of a connection. Throws ERR_INVALID_ARG_TYPE, EINVAL. */
export function flowIn(argument: unknown, { flows }: Pick<Handle, 'flows'>, syscall = 'removeFlow'): Flow {
  const id = typeof argument === 'object' && argument !== null ? Reflect.get(argument, 'flow') : argument
  if (typeof id !== 'number') throw argumentError('flow', 'a flowID, or one of socket.flows', argument)
  const found = [...flows].find(one => one.id === id)
  if (found !== undefined) return found
  const sentence = `the connection has no flow ${id}; socket.flows lists its flows`
  throw socketError('EINVAL', syscall, { sentence })
}
