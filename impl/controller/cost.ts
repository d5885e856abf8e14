import type { Question, RulesAnswer } from './messages.ts'

/** Targets that are chosen, sorted and printed by one unit of work. */
const TARGETS_PER_UNIT = 8

/** Addresses that are read by one unit of work: 2 us for each. */
const ADDRESSES_PER_UNIT = 16

/** Returns the work that a question makes for a controller, in units of a service that is looked up. */
export function costOf(question: Question): number {
  switch (question.type) {
    case 'list':
      return 64
    case 'hello':
      return 64 + Math.ceil(question.addresses.length / ADDRESSES_PER_UNIT)
    case 'addresses':
      return 1 + Math.ceil(question.addresses.length / ADDRESSES_PER_UNIT)
    case 'statistics':
      return Math.max(1, question.instances.length)
    case 'register':
    case 'unregister':
      // A signature is verified.
      return question.certificate === undefined ? 2 : 16
    default:
      return 1
  }
}

/** Returns the work of telling a host the rules of a service, in the same units. */
export const costOfRules = ({ targets }: RulesAnswer): number =>
  1 + Math.ceil(targets.length / TARGETS_PER_UNIT)
