import type { Question } from './messages.ts'

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
