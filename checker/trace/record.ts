import { FORMAT, type Trace } from './format.ts'
import { propertyOf } from './property.ts'
import { Recorder } from './recorder.ts'
import type { Setting } from './setting.ts'

/** The purpose and the origin of a trace. */
export interface About {
  readonly source: Trace['source']
  readonly seed?: number
  /** The violation that the trace shows. Without one, the trace expects that everything holds. */
  readonly violation?: {
    readonly id: string
    readonly kind: NonNullable<Trace['kind']>
    /** Of a liveness property: the number of rules before the cycle. */
    readonly loop?: number
  }
  /** Default: a title made from the other parts. */
  readonly title?: string
}

/**
 * Records the path that `rules` lead from the initial state of a setting. The rules are indexes, as
 * explorations and fuzzing return them. Throws CHK005 for an unknown rule.
 */
export function recordTrace(setting: Setting, rules: readonly number[], about: About): Trace {
  const recorder = new Recorder(setting)
  for (const rule of rules) {
    const choice = recorder.choices().find(enabled => enabled.rule === rule)
    if (!choice) throw new Error(`rule ${rule} is not enabled after ${recorder.steps.length} steps`)
    recorder.take(choice)
  }
  const { violation, seed, source } = about
  return {
    format: FORMAT,
    title: about.title ?? titleOf(setting, violation),
    ...setting.variant,
    machine: setting.machine,
    source,
    ...(seed === undefined ? {} : { seed }),
    expect: violation ? 'violated' : 'holds',
    ...(violation ? { invariant: violation.id, kind: violation.kind } : {}),
    ...(violation?.loop === undefined ? {} : { loop: violation.loop }),
    steps: recorder.steps,
  }
}

function titleOf({ variant, model }: Setting, violation: About['violation']): string {
  const where = `${variant.model}${variant.defect ? ` with ${variant.defect}` : ''}`
  if (!violation) return `${where}: everything holds`
  return `${where}: ${propertyOf(model, violation.id, violation.kind).sentence}`
}
