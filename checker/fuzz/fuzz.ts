import fc from 'fast-check'
import { type Selection, select } from '../codegen/checks.ts'
import { bounded } from '../ir/bounded.ts'
import type { Recovery } from '../ir/ir.ts'
import type { LoweredWorld } from '../lower/world.ts'
import { type State, walk } from '../search/walk.ts'
import { must } from '../text/at.ts'
import { Calm, type Suspicion } from './calm.ts'
import { Choices } from './choices.ts'
import { Chooser } from './chooser.ts'
import { Counter, type Coverage } from './coverage.ts'
import { type Input, type Run, run } from './run.ts'
import { type Judge, shrink } from './shrink.ts'
import { byKind, type Weighting } from './weighting.ts'

/** The options of fuzzing. */
export interface FuzzOptions {
  /** The number of walks. */
  readonly runs: number
  /** The most steps of a walk. */
  readonly steps: number
  /** A 32-bit integer. The same seed gives the same result. */
  readonly seed: number
  /**
   * The batch of the seed to begin with; 0 unless given. Walk by walk, the batches of a seed are the same, whichever
   * fuzzing takes them.
   */
  readonly firstBatch?: number
  /** How likely each rule is; by its kind unless given. */
  readonly weighting?: Weighting
  /** Ids of the invariants and recoveries to check, and `deadlock`; `all` unless given. */
  readonly invariants?: Selection
  /** Called several times a second. */
  readonly progress?: (progress: FuzzProgress) => void
  /** Ends the fuzzing early. The result has what was found so far. */
  readonly signal?: AbortSignal
}

/** The walks and steps taken so far. */
export interface FuzzProgress {
  readonly runs: number
  readonly steps: number
}

/** The result of fuzzing. */
export interface Fuzzing {
  readonly verdict: 'holds' | 'violated'
  /** Walks and steps taken until the violation. Shrinking does not count. */
  readonly runs: number
  readonly steps: number
  readonly coverage: Coverage
  /** Suspected recoveries that were too large to prove or refute. */
  readonly undecided: number
  /** The first violation, shrunk. Its rules can be recorded as a trace. */
  readonly violation?: FuzzViolation
}

/** The first violation that fuzzing found. */
export interface FuzzViolation {
  readonly id: string
  readonly kind: 'invariant' | 'deadlock' | 'recovery'
  /** The indexes of the rules, from the initial state on. */
  readonly rules: readonly number[]
  /** The number of rules before shrinking. */
  readonly unshrunk: number
}

/** Steps between two checks for an abort: some tenths of a second. */
const BATCH_STEPS = 40_000

/** Returns the number of walks in a batch, if a walk takes at most `steps` steps. */
export const batchWalks = (steps: number): number => Math.max(1, Math.ceil(BATCH_STEPS / steps))

/**
 * The most exhaustive searches in one fuzzing. Each may take a second. After the last one, nothing is suspected
 * any more.
 */
const MOST_PROOFS = 16

/**
 * Takes random walks through a world until one violates a property. The bounds may be far too wide to explore.
 * Throws TrapError for a rejected value, CHK002 and CHK003.
 */
export async function fuzz(world: LoweredWorld, options: FuzzOptions): Promise<Fuzzing> {
  return new Fuzzer(world, options).fuzz()
}

/**
 * Walks that look for a shorter path. They are short themselves, so all together take some tenths of a second.
 */
const SHORT_RUNS = 5000

class Fuzzer {
  readonly #world: LoweredWorld
  readonly #options: FuzzOptions
  readonly #walk: ReturnType<typeof walk>
  readonly #chooser: Chooser
  readonly #counter: Counter
  readonly #calm: Calm | undefined
  #runs = 0
  #steps = 0
  #proofs = 0
  #undecided = 0

  constructor(world: LoweredWorld, options: FuzzOptions) {
    const { invariants = 'all', weighting = byKind } = options
    this.#world = world
    this.#options = options
    // Random walks take nearly all rules. Analysing all of them first leaves predicates with fewer checks.
    this.#walk = walk(bounded(world.system), invariants)
    this.#chooser = new Chooser(world, weighting)
    this.#counter = new Counter(world)
    const recoveries = select(world.system.recoveries, invariants)
    this.#calm = recoveries.length > 0 ? new Calm(world, recoveries, weighting) : undefined
  }

  async fuzz(): Promise<Fuzzing> {
    const { runs, steps, seed, firstBatch = 0, signal, progress } = this.#options
    let violation: FuzzViolation | undefined
    for (let number = firstBatch; !violation && this.#runs < runs && !signal?.aborted; number++) {
      violation = await this.#batch(
        Math.min(batchWalks(steps), runs - this.#runs),
        seed + Math.imul(number, BATCH_STRIDE),
      )
      progress?.({ runs: this.#runs, steps: this.#steps })
      await new Promise(resolve => setImmediate(resolve))
    }
    return {
      verdict: violation ? 'violated' : 'holds',
      runs: this.#runs,
      steps: this.#steps,
      coverage: this.#counter.coverage(),
      undecided: this.#undecided,
      ...(violation ? { violation } : {}),
    }
  }

  /** Takes a batch of walks. The batch ends early if a walk violates something. */
  async #batch(numRuns: number, seed: number): Promise<FuzzViolation | undefined> {
    for (const input of fc.sample(this.#inputs(this.#options.steps), { numRuns, seed })) {
      const taken = run(this.#walk, this.#chooser, this.#counter, input)
      this.#runs++
      this.#steps += taken.rules.length
      if (taken.failed.length > 0) return this.#broke(taken)
      for (const { recovery, rules } of this.#suspect(taken, input.picks)) {
        const lost = await this.#prove(recovery, rules)
        if (lost) return lost
      }
    }
    return undefined
  }

  /** Faults may stop at the end of a walk, when much has gone wrong, or midway, when much is in progress. */
  #suspect({ rules, state, midway }: Run, picks: readonly number[]): readonly Suspicion[] {
    if (this.#proofs >= MOST_PROOFS) return []
    const after = (from: State, walked: readonly number[]) => this.#calm?.suspect(from, walked, picks) ?? []
    const atEnd = after(state, rules)
    return atEnd.length > 0 ? atEnd : after(midway.state, rules.slice(0, midway.steps))
  }

  /** Generates walks of at most `steps` steps. */
  #inputs(steps: number): fc.Arbitrary<Input> {
    const numbers = (count: number) =>
      fc.noBias(fc.array(fc.nat(), { minLength: count, maxLength: count, size: 'max' }))
    return fc.record({ mood: numbers(this.#chooser.families), picks: numbers(steps) })
  }

  async #broke({ rules, failed }: Run): Promise<FuzzViolation> {
    const id = must(failed[0], 'the violated invariant')
    const kind = id === 'deadlock' ? 'deadlock' : 'invariant'
    const judge: Judge = async way => (way.failed.includes(id) ? way.rules : undefined)
    let best = await this.#shrunk(id, kind, rules, judge)
    for (;;) {
      const shorter = this.#shorter(id, best.rules.length - 1)
      if (!shorter) return { ...best, unshrunk: rules.length }
      best = await this.#shrunk(id, kind, shorter, judge)
    }
  }

  /**
   * Looks for another violation of the same property in at most `steps` steps. Shrinking alone stays on the
   * path that was found.
   */
  #shorter(id: string, steps: number): readonly number[] | undefined {
    const aside = new Counter(this.#world)
    let found: readonly number[] | undefined
    const property = fc.property(this.#inputs(steps), input => {
      const { rules, failed } = run(this.#walk, this.#chooser, aside, input)
      if (failed.includes(id)) found = rules
      return found === undefined
    })
    fc.check(property, { numRuns: SHORT_RUNS, seed: this.#options.seed, endOnFailure: true })
    return found
  }

  /**
   * Shrinks the path while the goal still seems lost, because few states follow a state with a short history.
   * Then tries a proof.
   */
  async #prove(recovery: Recovery, rules: readonly number[]): Promise<FuzzViolation | undefined> {
    const calm = must(this.#calm, 'a recovery to prove')
    this.#proofs++
    const violation = await this.#shrunk(recovery.id, 'recovery', rules, async way =>
      calm.isSuspect(recovery, must(way.states.at(-1))) ? way.rules : undefined,
    )
    const step = (state: State, rule: number) => this.#walk.take(state, rule).state
    const answer = await calm.prove(recovery, violation.rules.reduce(step, this.#walk.initial()))
    if (answer === 'unknown') this.#undecided++
    return answer === 'lost' ? violation : undefined
  }

  async #shrunk(
    id: string,
    kind: FuzzViolation['kind'],
    unshrunk: readonly number[],
    judge: Judge,
  ): Promise<FuzzViolation> {
    const rules = await shrink(this.#walk, new Choices(this.#world), unshrunk, judge)
    return { id, kind, rules, unshrunk: unshrunk.length }
  }
}

/** An odd number, so that batches of one seed do not overlap those of the next. */
const BATCH_STRIDE = 0x9e3779b1
