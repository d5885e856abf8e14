import type { Question } from './messages.ts'

/** Targets that one unit of work chooses, sorts and prints. */
const TARGETS_PER_UNIT = 8

/** Addresses that one unit of work reads, at 2 us each. */
const ADDRESSES_PER_UNIT = 16

/** Leases that one unit of work renews, at 3 us each. */
const RENEWALS_PER_UNIT = 12

/** Returns the work that a question causes, in units of one service lookup. */
export function costOf(question: Question): number {
  switch (question.type) {
    case 'list':
      return 64
    case 'hello':
      return 64 + Math.ceil(question.addresses.length / ADDRESSES_PER_UNIT)
    case 'addresses':
      return 1 + Math.ceil(question.addresses.length / ADDRESSES_PER_UNIT)
    case 'silent':
      // It may cause a probe.
      return 16
    case 'renew':
      return 1 + Math.ceil(question.tickets.length / RENEWALS_PER_UNIT)
    case 'statistics':
      return Math.max(1, question.instances.length)
    case 'register':
    case 'unregister':
      // Includes verifying a signature.
      return question.certificate === undefined ? 2 : 16
    default:
      return 1
  }
}

/** Returns the work of sending so many targets of a service to a host, in the same units. */
export const costOfTargets = (count: number): number => 1 + Math.ceil(count / TARGETS_PER_UNIT)
