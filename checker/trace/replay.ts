import { whyNotViolated } from '../liveness/verify.ts'
import { recovers } from '../search/recovers.ts'
import { must } from '../text/at.ts'
import { encodePacket } from './encode.ts'
import { TraceError } from './errors.ts'
import type { Trace, TraceStep } from './format.ts'
import type { Catalogue } from './model.ts'
import { Recorder } from './recorder.ts'
import { type Setting, settingOf } from './setting.ts'

/** The first step where a replay differs from the recording. */
export type Divergence =
  /** The choice is not possible; `enabled` lists the possible ones. The replay ended before this step. */
  | {
      readonly kind: 'choice'
      readonly step: number
      readonly choice: string
      readonly enabled: readonly string[]
    }
  /** The choice had another outcome. */
  | {
      readonly kind: 'outcome'
      readonly step: number
      readonly part: 'fired' | 'changes' | 'sent'
      readonly recorded: string
      readonly replayed: string
    }

/** The result of replaying a trace. */
export interface Replay {
  /** The replayed trace, as far as it went. The same choices give the same trace, to the byte. */
  readonly trace: Trace
  /** Ids of all violated invariants, and of the recovery or liveness property that the trace is about, if it is violated. */
  readonly violated: readonly string[]
  readonly verdict: Trace['expect']
  /** Whether the replay made all steps and its verdict is the one that the trace expects. */
  readonly asExpected: boolean
  readonly divergence?: Divergence
  /** Sentences about differences that did not matter so far. */
  readonly notices: readonly string[]
}

/**
 * Makes the choices of a trace on the current machine, with the trace's bounds and defect. Throws TRACE_MODEL,
 * TRACE_BOUND, TRACE_NAME and TRACE_STEP for what does not exist, and TRACE_LIMIT. `setting` is that of the trace, for
 * callers that use it again: lowering a world takes tenths of a second and more.
 */
export async function replay(
  trace: Trace,
  catalogue: Catalogue,
  setting: Setting = settingOf(trace, catalogue),
): Promise<Replay> {
  assertKnown(trace, setting)
  const recorder = new Recorder(setting)
  const divergence = follow(recorder, trace.steps)
  const complete = recorder.steps.length === trace.steps.length
  const broken = [...recorder.initial.failed, ...recorder.steps.flatMap(({ failed }) => failed)]
  const lost = complete && trace.kind === 'recovery' && (await isLost(trace, setting, recorder))
  const why = complete && trace.kind === 'liveness' ? whyAlive(trace, setting, recorder) : undefined
  const endless = complete && trace.kind === 'liveness' && why === undefined
  const verdict = isViolated(trace, broken, lost || endless) ? 'violated' : 'holds'
  return {
    // The hash of a machine takes all rules of its world, and a replay takes few.
    get trace() {
      return { ...trace, ...setting.variant, machine: setting.machine, steps: recorder.steps }
    },
    violated: [
      ...new Set([
        ...broken,
        ...(lost || endless ? [must(trace.invariant, 'the invariant of the trace')] : []),
      ]),
    ],
    verdict,
    asExpected: complete && verdict === trace.expect,
    ...(divergence ? { divergence } : {}),
    get notices() {
      return [
        ...(setting.machine === trace.machine
          ? []
          : [`the machine has changed since this was recorded (${trace.machine}, now ${setting.machine})`]),
        ...(why === undefined ? [] : [`this run does not violate the property any more: ${why}`]),
      ]
    },
  }
}

/** Makes the choices one by one, as long as they are possible. */
function follow(recorder: Recorder, steps: readonly TraceStep[]): Divergence | undefined {
  let first: Divergence | undefined
  for (const recorded of steps) {
    const choices = recorder.choices()
    const choice = choices.find(({ label }) => label === recorded.choice)
    if (!choice) {
      const enabled = choices.map(({ label }) => label)
      return first ?? { kind: 'choice', step: recorded.index, choice: recorded.choice, enabled }
    }
    const replayed = recorder.take(choice)
    first ??= difference(recorded, replayed)
  }
  return first
}

function difference(recorded: TraceStep, replayed: TraceStep): Divergence | undefined {
  for (const part of ['fired', 'changes', 'sent'] as const) {
    const [one, other] = [textOf(recorded, part), textOf(replayed, part)]
    if (one !== other) return { kind: 'outcome', step: recorded.index, part, recorded: one, replayed: other }
  }
  return undefined
}

/** Returns a part of a step as text, the same for packets whose fields are in another order. */
const textOf = (step: TraceStep, part: 'fired' | 'changes' | 'sent'): string =>
  part === 'sent' ? `[${step.sent.map(encodePacket)}]` : JSON.stringify(step[part])

/** Throws TRACE_STEP and TRACE_NAME for rules and invariants that this version does not have. */
function assertKnown({ steps, invariant, kind }: Trace, { world, variant }: Setting): void {
  const rules = new Set(world.spec.rules.map(({ name }) => name))
  const unknown = steps.find(({ rule }) => !rules.has(rule))
  if (unknown)
    throw new TraceError(
      'TRACE_STEP',
      `step ${unknown.index} takes the rule '${unknown.rule}', which ${variant.model} does not have; it has ${[...rules].join(', ')}`,
    )
  if (invariant === undefined || kind === 'deadlock') return
  const { invariants, recoveries, liveness } = world.system
  const lists = { invariant: invariants, recovery: recoveries, liveness }
  const known = lists[kind ?? 'invariant'].map(({ id }) => id)
  if (!known.includes(invariant))
    throw new TraceError(
      'TRACE_NAME',
      `there is no ${kind ?? 'invariant'} '${invariant}'; there are ${known.join(', ')}`,
    )
}

/** Judges a trace that is about one property by that property alone. */
function isViolated({ invariant, kind }: Trace, broken: readonly string[], isEndless: boolean): boolean {
  if (kind === 'recovery' || kind === 'liveness') return isEndless
  return invariant === undefined ? broken.length > 0 : broken.includes(invariant)
}

/** Returns why the run of a trace does not violate its liveness property; undefined if it does. */
function whyAlive(
  { invariant, loop }: Trace,
  { world, walk }: Setting,
  recorder: Recorder,
): string | undefined {
  const property = must(
    world.system.liveness.find(({ id }) => id === invariant),
    `liveness property ${invariant}`,
  )
  const states = recorder.states.map(state => walk.decode(state))
  return whyNotViolated(world.system, property, {
    states,
    rules: recorder.rules,
    loop: must(loop, 'the cycle'),
  })
}

/** Mebibytes for the search that decides whether the last state can recover: some millions of states. */
const RECOVERY_MB = 256

async function isLost({ invariant }: Trace, { world, walk }: Setting, recorder: Recorder): Promise<boolean> {
  const recovery = must(
    world.system.recoveries.find(({ id }) => id === invariant),
    `recovery ${invariant}`,
  )
  const question = { recovery, from: recorder.state, memoryMb: RECOVERY_MB }
  const answer = await recovers(world.system, walk, question)
  if (answer === 'unknown')
    throw new TraceError(
      'TRACE_LIMIT',
      `recovery ${invariant} cannot be decided: the states that follow the last one do not fit into ${RECOVERY_MB} MB; record the trace with smaller bounds`,
    )
  return answer === 'lost'
}
