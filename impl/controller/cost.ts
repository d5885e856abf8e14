import type { Question, RulesAnswer } from './messages.ts'

/** Targets that are chosen, sorted and printed by one unit of work. */
const TARGETS_PER_UNIT = 8

/** Returns the work that a question makes for a controller, in units of a service that is looked up. */
export function costOf(question: Question): number {
  switch (question.type) {
    case 'hello':
    case 'list':
      return 64
    case 'statistics':
      return question.instances.length
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
