/** Renewals of a host: those of one turn leave in one line, and one line answers them. */
import { must } from '../../checker/text/at.ts'
import { Latest } from '../../checker/text/latest.ts'
import { RENEWALS_AT_ONCE, RENEWALS_UNANSWERED } from './limits.ts'
import type { Question } from './messages.ts'

/** A registration with the ticket that its controller has given it. */
export interface Renewable {
  readonly ticket: number | undefined
}

export class Renewals<One extends Renewable> {
  readonly #say: (question: Question) => void
  #waiting: One[] = []
  readonly #sent = new Latest<number, readonly One[]>(RENEWALS_UNANSWERED)
  #number = 0

  constructor(say: (question: Question) => void) {
    this.#say = say
  }

  add(one: One): void {
    if (this.#waiting.length === 0) queueMicrotask(this.#send)
    this.#waiting.push(one)
    if (this.#waiting.length === RENEWALS_AT_ONCE) this.#send()
  }

  /** Returns the registrations of a line that is answered; none if it is unknown. */
  take(number: number): readonly One[] {
    const those = this.#sent.get(number) ?? []
    this.#sent.delete(number)
    return those
  }

  /** The connection has ended, and with it all tickets. */
  clear(): void {
    this.#waiting = []
    this.#sent.clear()
  }

  readonly #send = (): void => {
    const those = this.#waiting.filter(({ ticket }) => ticket !== undefined)
    this.#waiting = []
    if (those.length === 0) return
    this.#sent.set(++this.#number, those)
    this.#say({ type: 'renew', number: this.#number, tickets: those.map(({ ticket }) => must(ticket)) })
  }
}
