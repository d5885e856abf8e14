/** Judges the reply of a unit: the result of the search through a world. */
import { at } from '../../checker/text/at.ts'
import type { Trace } from '../../checker/trace/format.ts'
import type { SalSetting } from '../../traces/catalogue.ts'
import { recordViolation } from '../campaign/counterexample.ts'
import { failureOf, fitting, type Outcome, repliesOf } from '../campaign/outcome.ts'
import { settingFor } from '../campaign/settings.ts'
import type { Job } from '../jobs.ts'
import { type Coverage, coverageOf } from './coverage.ts'
import type { CheckReply, CheckRequest } from './unit.ts'

/** The result of a search through a world. */
export interface Checked {
  readonly job: Job
  readonly setting: SalSetting
  readonly found: Omit<CheckReply, 'kind' | 'verdict' | 'reason' | 'coverage' | 'violation'>
  /** `holds` only if the search explored everything and reached all witnesses. */
  readonly verdict: CheckReply['verdict']
  /** Why the verdict is `incomplete`. */
  readonly reason?: string
  readonly workers: number
  /** Ids of the checked properties. Recoveries and liveness are decided only after a complete search. */
  readonly invariants: readonly string[]
  readonly coverage: Coverage
  /** Families of rules of which no step took one. */
  readonly idle: readonly string[]
  /** The shortest counterexample. */
  readonly trace?: Trace
}

/** Judges the outcome of the only unit of a world. A reply that does not fit the world is a failure. */
export function mergeChecked(
  { job, invariants }: CheckRequest['worlds'][number],
  { workers }: CheckRequest,
  given: readonly Outcome<CheckReply>[],
): Checked {
  const setting = settingFor(job.variant)
  let trace: Trace | undefined
  const outcomes = fitting(given, ({ coverage, violation }) => {
    if (coverage.length !== setting.world.system.coverage.length)
      throw new Error('its coverage is of another world')
    if (violation) trace = recordViolation(setting, violation, { source: 'check' })
  })
  const [reply = nothing(setting)] = repliesOf(outcomes)
  const { kind: _, verdict: __, reason: ___, violation: ____, coverage, ...found } = reply
  return {
    ...{ job, setting, workers, found },
    ...judge(job, reply),
    ...failureOf(outcomes),
    idle: idleFamilies(setting, reply),
    invariants: checkedIds(setting, invariants, reply),
    coverage: coverageOf(setting.world, coverage),
    ...(trace && { trace }),
  }
}

/** The reply of a search that never began. */
const nothing = ({ world: { system } }: SalSetting): CheckReply => ({
  ...{ kind: 'check', verdict: 'incomplete', seconds: 0 },
  ...{ distinct: 0, generated: 0, depth: 0, bytesPerState: 0 },
  coverage: system.coverage.map(() => 0),
  ...{ unseen: [], untried: [], idle: system.rules.map(({ name }) => name) },
})

function judge(
  { demanding }: Job,
  { verdict, reason, unseen }: CheckReply,
): Pick<Checked, 'verdict' | 'reason'> {
  if (verdict === 'holds' && demanding && unseen.length > 0)
    return { verdict: 'incomplete', reason: `the model never showed what it must: ${unseen.join('; ')}` }
  return { verdict, ...(reason !== undefined && { reason }) }
}

/** Rules that differ in their arguments only are a family; one that can never be enabled has no rules at all. */
function idleFamilies({ world }: SalSetting, { idle }: CheckReply): string[] {
  const unused = new Set(idle)
  const taken = world.origins.filter((_, rule) => !unused.has(at(world.system.rules, rule).name))
  const families = new Set(taken.map(({ spec }) => spec.name))
  return [...new Set(world.spec.rules.map(({ name }) => name))].filter(name => !families.has(name))
}

function checkedIds(
  { world: { system } }: SalSetting,
  invariants: 'all' | readonly string[],
  { verdict, violation }: CheckReply,
): string[] {
  const whole = verdict === 'holds' || violation?.kind === 'recovery' || violation?.kind === 'liveness'
  const ids = [...system.invariants, ...(whole ? [...system.recoveries, ...system.liveness] : [])].map(
    ({ id }) => id,
  )
  return [...new Set([...ids, 'deadlock'])].filter(id => invariants === 'all' || invariants.includes(id))
}
