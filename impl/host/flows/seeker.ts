/**
 * The instances that a connecting flow asks, one after the other. The seeker's machine decides when to turn; this keeps where
 * the SYN goes now, and which instances have refused.
 */
import type { SeekerEffect, SeekerState } from '../../../spec/machines/resolution/compiled.ts'
import type { SeekerEvent } from '../../../spec/machines/resolution/seeker.ts'
import { seekerStep } from '../../../spec/machines/resolution/step.ts'
import { placeWord, type Repetition } from '../../../spec/wire/negotiation.ts'
import { ipOf, NO_ADDRESS, portOf } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'

/**
 * Returns where to send repetition number `attempt` of a SYN: never to one that has refused. NO_ADDRESS if all have. The same
 * address may come again.
 */
export type Choose = (attempt: number, refused: readonly Address[]) => Address

/** How a connect goes on after the first SYN. */
export interface Seeking {
  readonly choose: Choose
  /** The number of the first SYN: above 0 if it passes over doubtful addresses. */
  readonly attempt: number
}

export class Seeker {
  /** Where the SYN goes now. */
  to: Address
  /** The number of this repetition. Routers read it from the SYN. */
  attempt: number
  readonly refused: Address[] = []
  /** Called when the SYN goes to another address. */
  onTurn: (to: Address) => void = () => {}
  readonly #choose: Choose
  readonly #asked: Address[]
  readonly #state: SeekerState = seekerStep().initial()

  /** `attempt`: the number for which `choose` returns `to`. */
  constructor(to: Address, { choose, attempt }: Seeking) {
    this.to = to
    this.attempt = attempt
    this.#asked = [to]
    this.#choose = choose
  }

  /** The addresses that were asked before the current one. */
  get left(): readonly Address[] {
    return this.#asked.filter(address => address !== this.to)
  }

  /** What the SYN tells routers; undefined for the first SYN. */
  get repetition(): Repetition | undefined {
    if (this.attempt === 0) return undefined
    return { attempt: this.attempt, refused: this.refused.map(one => placeWord(ipOf(one), portOf(one))) }
  }

  /** The SYN has no answer yet: turns to the next instance. */
  silent(): void {
    this.#take({ type: 'SILENT' })
  }

  /**
   * An instance refuses the SYN. Returns `turn` if the SYN goes elsewhere now, `pass` if the refusal ends the flow, and `ignore` if
   * it is a copy.
   */
  refuse(by: Address): SeekerEffect['type'] {
    const again = this.refused.includes(by)
    if (!again) this.refused.push(by)
    const others = this.#choose(this.attempt + 1, this.refused) !== NO_ADDRESS
    const hop = !this.#asked.includes(by)
    return this.#take({ type: 'REFUSED', others: +others, hop: +hop, again: +again })
  }

  #take(event: SeekerEvent): SeekerEffect['type'] {
    const effects: SeekerEffect[] = []
    seekerStep().step(this.#state, event, effects, [])
    const type = effects[0]?.type ?? 'ignore'
    if (type === 'turn') this.#turn()
    return type
  }

  #turn(): void {
    this.attempt++
    const next = this.#choose(this.attempt, this.refused)
    if (next === NO_ADDRESS || next === this.to) return
    this.to = next
    if (!this.#asked.includes(next)) this.#asked.push(next)
    this.onTurn(next)
  }
}
