/**
 * Lowers machines and worlds, explores and fuzzes them, records and replays traces, and draws machines. docs/checker.md
 * says what a verdict proves.
 * ```ts
 * const world = lowerWorld({ ... })
 * const { verdict, violation } = await explore(world.system)
 * ```
 */
export type { Coverage } from '../checker/fuzz/coverage.ts'
export {
  type Fuzzing,
  type FuzzOptions,
  type FuzzProgress,
  type FuzzViolation,
  fuzz,
} from '../checker/fuzz/fuzz.ts'
export { CheckerError } from '../checker/ir/errors.ts'
export type { System } from '../checker/ir/ir.ts'
export { type LowerCode, LowerError } from '../checker/lower/errors.ts'
export type { Interface } from '../checker/lower/kinds.ts'
export type { StepFunction } from '../checker/lower/printed.ts'
export { stepFunction } from '../checker/lower/standalone.ts'
export { type LoweredMachine, lower } from '../checker/lower/step.ts'
export type { AnyEventOf, EffectOf, EventOf, StateOf } from '../checker/lower/typed.ts'
export { numbersOf } from '../checker/lower/typed.ts'
export { bits, type Leaf, type Shape, startedAt, type View } from '../checker/lower/value.ts'
export { can, type LoweredWorld, lowerWorld, step } from '../checker/lower/world.ts'
export type {
  InvariantSpec,
  LivenessSpec,
  RecoverySpec,
  RuleSpec,
  WitnessSpec,
  WorldSpec,
} from '../checker/lower/worldSpec.ts'
export { type Exploration, type ExploreOptions, explore, type Violation } from '../checker/search/explore.ts'
export { type State, type Step, type Walk, walk } from '../checker/search/walk.ts'
export { decode } from '../checker/trace/decode.ts'
export { encode } from '../checker/trace/encode.ts'
export { TraceError } from '../checker/trace/errors.ts'
export type { Trace, TraceStep } from '../checker/trace/format.ts'
export type { Catalogue, TracedModel } from '../checker/trace/model.ts'
export { type About, recordTrace } from '../checker/trace/record.ts'
export { type Divergence, type Replay, replay } from '../checker/trace/replay.ts'
export { type Setting, settingOf, type Variant } from '../checker/trace/setting.ts'
export type { Chart } from '../studio/chart/chart.ts'
export { dot } from '../studio/chart/dot.ts'
export { html } from '../studio/chart/html.ts'
export { mermaid } from '../studio/chart/mermaid.ts'
export { readChart } from '../studio/chart/readChart.ts'
export { svg } from '../studio/chart/svg.ts'
export { text } from '../studio/chart/text.ts'
