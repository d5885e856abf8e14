import { type Exploration, explore } from '../../checker/search/explore.ts'
import type { Progress } from '../../checker/search/search.ts'
import { at } from '../../checker/text/at.ts'
import type { Trace } from '../../checker/trace/format.ts'
import { recordTrace } from '../../checker/trace/record.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { catalogue, type SalSetting } from '../../traces/catalogue.ts'
import type { Job } from '../jobs.ts'
import { type Coverage, coverageOf } from './coverage.ts'

/** How to explore each world. */
export interface Effort {
  readonly workers: number
  readonly memoryMb: number
  readonly invariants: 'all' | readonly string[]
  readonly signal: AbortSignal
}

/** The result of a search through a world. */
export interface Checked {
  readonly job: Job
  readonly setting: SalSetting
  readonly exploration: Exploration
  /** `holds` only if the search explored everything and reached all witnesses. */
  readonly verdict: Exploration['verdict']
  /** Why the verdict is `incomplete`. */
  readonly reason?: string
  readonly seconds: number
  readonly workers: number
  /** Ids of the checked properties. Recoveries and liveness are decided only after a complete search. */
  readonly invariants: readonly string[]
  readonly coverage: Coverage
  /** Witnesses that were not seen. */
  readonly unseen: readonly string[]
  /** Families of rules of which no step took one. */
  readonly idle: readonly string[]
  /** The shortest counterexample. */
  readonly trace?: Trace
}

/** Explores a world until the first violation. Throws the errors of `explore`. */
export async function checkJob(
  job: Job,
  effort: Effort,
  progress: (progress: Progress) => void,
): Promise<Checked> {
  const setting = settingOf(job.variant, catalogue)
  const { workers } = effort
  const start = performance.now()
  const exploration = await explore(setting.world.system, {
    ...effort,
    stop: 'first',
    progress,
    now: () => performance.now(),
  })
  const seconds = (performance.now() - start) / 1000
  const unseen = exploration.witnesses.filter(({ depth }) => depth === null).map(({ name }) => name)
  const [violation] = exploration.violations
  return {
    ...{ job, setting, exploration, seconds, workers, unseen },
    idle: idleFamilies(setting, exploration),
    ...judge(job, exploration, unseen, effort),
    invariants: checkedIds(setting, effort, exploration),
    coverage: coverageOf(setting.world, exploration.coverage),
    ...(violation ? { trace: recordTrace(setting, violation.rules, { source: 'check', violation }) } : {}),
  }
}

function judge(
  { demanding }: Job,
  { verdict, reason }: Exploration,
  unseen: readonly string[],
  { signal }: Effort,
): Pick<Checked, 'verdict' | 'reason'> {
  if (verdict === 'incomplete') {
    const remedy = signal.aborted ? '' : '; give more with --memory, or smaller bounds with --bound'
    return { verdict, reason: `${reason}${remedy}` }
  }
  if (verdict === 'holds' && demanding && unseen.length > 0)
    return { verdict: 'incomplete', reason: `the model never showed what it must: ${unseen.join('; ')}` }
  return { verdict }
}

/** Rules that differ in their arguments only are a family; one that can never be enabled has no rules at all. */
function idleFamilies({ world }: SalSetting, { idle }: Exploration): string[] {
  const unused = new Set(idle)
  const taken = world.origins.filter((_, rule) => !unused.has(at(world.system.rules, rule).name))
  const families = new Set(taken.map(({ spec }) => spec.name))
  return [...new Set(world.spec.rules.map(({ name }) => name))].filter(name => !families.has(name))
}

function checkedIds(
  { world }: SalSetting,
  { invariants }: Effort,
  { verdict, violations }: Exploration,
): string[] {
  const { system } = world
  const whole =
    verdict === 'holds' || violations[0]?.kind === 'recovery' || violations[0]?.kind === 'liveness'
  const ids = [...system.invariants, ...(whole ? [...system.recoveries, ...system.liveness] : [])].map(
    ({ id }) => id,
  )
  return [...new Set([...ids, 'deadlock'])].filter(id => invariants === 'all' || invariants.includes(id))
}
