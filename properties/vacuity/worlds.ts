/** The worlds that judge variants: those of the mutants' trials, and worlds with mistakes that invariants catch. */
import type { System } from '../../checker/ir/ir.ts'
import { must } from '../../checker/text/at.ts'
import { groupBy } from '../../checker/text/groupBy.ts'
import { readCaught } from '../defects/results.ts'
import { worldShowing } from '../defects/showing.ts'
import { mutants } from '../mutants/enumerate.ts'
import { readResults } from '../mutants/results.ts'
import { nameOf, type Trial, trialNamed, trials, worldOf } from '../mutants/trials.ts'

/** A world, which is lowered when it is needed. */
export interface Judging {
  readonly name: string
  readonly system: () => System
}

/** A world with a mistake, and the invariants that are broken in it. */
export interface Mistaken extends Judging {
  readonly breaks: readonly string[]
}

/** Prompt worlds have no invariants. A trial of some mutants only is too large for many variants. */
const isFit = ({ only, bounds }: Trial): boolean => only === undefined && bounds.prompt !== 1

/** The worlds with the right machines. */
export const right: readonly Judging[] = trials
  .filter(isFit)
  .map(trial => ({ name: nameOf(trial), system: () => worldOf(trial).system }))

const withDefects: readonly Mistaken[] = readCaught().map(({ defect: id, model, by }) => ({
  name: `${id} in ${model}`,
  breaks: by.filter(({ kind }) => kind === 'invariant').map(one => one.id),
  system: () => worldShowing(id, model),
}))

/** How many mutants of each invariant judge. */
const MUTANTS = 4

/** Spreads the choice over the machines, whose mutants come one after the other. */
const some = <T>(from: readonly T[]): T[] => from.filter((_, i) => i % Math.ceil(from.length / MUTANTS) === 0)

/** The results of the mutants that each invariant catches, in trials that fit. */
const byInvariant = groupBy(
  readResults().filter(({ by, trial }) => by?.kind === 'invariant' && isFit(trialNamed(must(trial)))),
  ({ by }) => must(by).id,
)

const withMutants: readonly Mistaken[] = [...byInvariant].flatMap(([id, results]) =>
  some(results).map(({ mutant: name, trial }) => ({
    name: `${name} in ${trial}`,
    breaks: [id],
    system() {
      const { machine, mutated } = must(mutants.find(mutant => mutant.name === name))
      return worldOf(trialNamed(must(trial)), { machines: { [machine]: mutated } }).system
    },
  })),
)

/** The worlds with a mistake. */
export const wrong: readonly Mistaken[] = [...withDefects, ...withMutants]
