/** Judges a stack's log of its steps: the specification repeats each one. */
import { decodeSteps } from '../../traces/steps/decode.ts'
import { type JudgedSteps, judgeSteps } from '../../traces/steps/judge.ts'
import { CliError } from '../errors.ts'

export interface JudgedLog {
  readonly kind: 'steps'
  readonly file: string
  readonly judgement: JudgedSteps
}

/** Throws STEPS_*, CLI_CUT, CLI_NOTHING. */
export function judgeLog(file: string, bytes: Uint8Array): JudgedLog {
  const steps = decodeSteps(new TextDecoder().decode(bytes))
  const judgement = judgeSteps(steps)
  if (judgement.verdict !== 'violated') {
    const { length } = steps.lines
    if (steps.end === 'cut')
      throw new CliError(
        'CLI_CUT',
        `${file} has no end; nothing in the ${length} lines before contradicts the specification, but record it again to know all`,
      )
    if (length === 0)
      throw new CliError('CLI_NOTHING', `${file} has no steps; record a stack while it has a flow`)
  }
  return { kind: 'steps', file, judgement }
}
