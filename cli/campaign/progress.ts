import { count, duration, plural, speed } from '../screen.ts'
import type { Reply, Unit } from './messages.ts'
import { isFailed, type Outcome } from './outcome.ts'

/** A look at a campaign. */
export interface CampaignProgress {
  readonly outcomes: readonly Outcome<Reply>[]
  /** Workers that were heard of within the last seconds. */
  readonly workers: number
}

const NOUNS: Readonly<Record<Unit['kind'], string>> = { fuzz: 'walks', simulate: 'runs', check: 'worlds' }

/** The walks, runs or worlds of a unit. */
const sizeOf = (unit: Unit): number => (unit.kind === 'check' ? 1 : unit.runs)

/** Describes the progress of one campaign. Its rate counts what was done since the first look. */
export class Describing {
  readonly #units: readonly Unit[]
  readonly #noun: string
  readonly #now: () => number
  #first: { readonly done: number; readonly at: number } | undefined

  /** @param now a clock in milliseconds */
  constructor(units: readonly Unit[], now: () => number) {
    this.#units = units
    this.#noun = NOUNS[units[0]?.kind ?? 'check']
    this.#now = now
  }

  /** Returns `12 of 40 units, 1 violated, 3 workers, 130 walks/s, 2 min left`. */
  describe({ outcomes, workers }: CampaignProgress): string {
    const sum = (isOf: (outcome: Outcome<Reply>) => boolean) =>
      this.#units.reduce((total, unit, i) => total + (isOf(outcomes[i]) ? sizeOf(unit) : 0), 0)
    const done = sum(outcome => outcome !== undefined)
    this.#first ??= { done, at: this.#now() }
    const perSecond = ((done - this.#first.done) * 1000) / (this.#now() - this.#first.at)
    const failed = outcomes.filter(outcome => outcome !== undefined && isFailed(outcome)).length
    const violated = outcomes.filter(outcome => outcome !== undefined && 'violation' in outcome).length
    const units = outcomes.filter(outcome => outcome !== undefined).length
    return [
      `${count(units)} of ${plural(outcomes.length, 'unit')}`,
      ...(violated > 0 ? [`${violated} violated`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      plural(workers, 'worker'),
      ...(perSecond > 0
        ? [speed(perSecond, this.#noun), `${duration(sum(o => o === undefined) / perSecond)} left`]
        : []),
    ].join(', ')
  }
}
