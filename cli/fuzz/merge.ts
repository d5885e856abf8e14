/** Merges the replies of units into the result for one world. */
import { Counter } from '../../checker/fuzz/coverage.ts'
import type { Trace } from '../../checker/trace/format.ts'
import type { SalSetting } from '../../traces/catalogue.ts'
import { recordViolation } from '../campaign/counterexample.ts'
import { distinct, failureOf, fitting, type Outcome, repliesOf } from '../campaign/outcome.ts'
import { settingFor } from '../campaign/settings.ts'
import type { Job } from '../jobs.ts'
import type { FuzzReply, FuzzRequest } from './unit.ts'

/** The result of the walks through a world. */
export interface Fuzzed {
  readonly job: Job
  readonly setting: SalSetting
  readonly seed: number
  /** `incomplete` if fewer walks were taken than requested. `holds` proves only that these walks violate nothing. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  /** Why a unit has no result. */
  readonly reason?: string
  readonly runs: number
  readonly steps: number
  /** Suspected recoveries that were too large to prove or refute. */
  readonly undecided: number
  /** Of all units together. */
  readonly seconds: number
  readonly coverage: Coverage
  /** The different counterexamples, shrunk, in the order of the walks that found them. */
  readonly findings: readonly FuzzFinding[]
}

/** States and transitions of the machines that were visited, and how many there are. */
export interface Coverage {
  readonly states: number
  readonly allStates: number
  readonly transitions: number
  readonly allTransitions: number
  readonly missed: readonly string[]
}

/** A counterexample. */
export interface FuzzFinding {
  readonly trace: Trace
  /** Its steps before shrinking. */
  readonly unshrunk: number
}

/** Merges the outcomes of the units of a job. A reply that does not fit the job is a failure. */
export function mergeFuzzed(job: Job, request: FuzzRequest, given: readonly Outcome<FuzzReply>[]): Fuzzed {
  const setting = settingFor(job.variant)
  const counter = new Counter(setting.world)
  const found: FuzzFinding[] = []
  const outcomes = fitting(given, ({ violation, coverage }) => {
    if (violation) {
      const trace = recordViolation(setting, violation, { source: 'fuzz', seed: request.seed })
      found.push({ trace, unshrunk: violation.unshrunk })
    }
    if (!counter.add(coverage)) throw new Error('its coverage is of another world')
  })
  const replies = repliesOf(outcomes)
  const sum = (of: (reply: FuzzReply) => number) => replies.reduce((total, reply) => total + of(reply), 0)
  const runs = sum(reply => reply.runs)
  const isCut = runs < request.runs || replies.length < outcomes.length
  const findings = distinct(found, ({ trace: { kind, invariant, steps } }) =>
    JSON.stringify([kind, invariant, steps.map(({ choice }) => choice)]),
  )
  return {
    ...{ job, setting, seed: request.seed, runs, findings },
    verdict: findings.length > 0 ? 'violated' : isCut ? 'incomplete' : 'holds',
    ...failureOf(outcomes),
    steps: sum(({ steps }) => steps),
    undecided: sum(({ undecided }) => undecided),
    seconds: sum(({ seconds }) => seconds),
    coverage: coverageIn(counter),
  }
}

function coverageIn(counter: Counter): Coverage {
  const { states, transitions, missed } = counter.coverage()
  const seen = (counts: Readonly<Record<string, number>>) => Object.values(counts).filter(n => n > 0).length
  return {
    ...{ states: seen(states), allStates: Object.keys(states).length },
    ...{ transitions: seen(transitions), allTransitions: Object.keys(transitions).length },
    missed,
  }
}
