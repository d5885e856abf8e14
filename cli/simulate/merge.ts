/** Merges the replies of units into the result of all runs. */
import { assertPlan } from '../../properties/simulator/decode.ts'
import { encodePlan } from '../../properties/simulator/encode.ts'
import { type Failure, type Series, sumSeries } from '../../properties/simulator/series.ts'
import { simulate } from '../../properties/simulator/simulate.ts'
import { distinct, failureOf, fitting, type Outcome, repliesOf } from '../campaign/outcome.ts'
import type { SimulateReply, SimulateRequest } from './unit.ts'

/** The options and the result of all runs. */
export interface Simulated {
  readonly request: SimulateRequest
  readonly series: Series
  /** The different failures, shrunk, in the order of the runs. */
  readonly failures: readonly Failure[]
  /** Of all units together. */
  readonly seconds: number
  /** `incomplete` if fewer runs were made than requested. `holds` proves only that these runs violate no rule. */
  readonly verdict: 'holds' | 'violated' | 'incomplete'
  /** Why a unit has no result. */
  readonly reason?: string
}

/** Merges the outcomes of units. A reply that does not show its failure is a failure of its unit. */
export function mergeSimulated(
  request: SimulateRequest,
  given: readonly Outcome<SimulateReply>[],
): Simulated {
  const found: Failure[] = []
  const outcomes = fitting(given, ({ violation }) => {
    if (violation) found.push(failureIn(violation))
  })
  const replies = repliesOf(outcomes)
  // The same actions with other chances show the same.
  const failures = distinct(found, ({ plan: { breaks, ...plan } }) =>
    encodePlan({ ...plan, seed: 0, ...(breaks !== undefined && { breaks }) }),
  )
  const series = sumSeries(replies)
  const isCut = series.runs < request.runs || replies.length < outcomes.length
  return {
    ...{ request, series, failures },
    seconds: replies.reduce((sum, { seconds }) => sum + seconds, 0),
    verdict: failures.length > 0 ? 'violated' : isCut ? 'incomplete' : 'holds',
    ...failureOf(outcomes),
  }
}

/** Simulates the plan of a failure again. Throws if it breaks nothing, or if it is no plan. */
function failureIn({ plan, seed, unshrunk }: NonNullable<SimulateReply['violation']>): Failure {
  assertPlan(plan)
  const simulation = simulate(plan)
  if (simulation.verdict === 'holds') throw new Error('its plan breaks no rule')
  return { plan, simulation, seed, unshrunk }
}
