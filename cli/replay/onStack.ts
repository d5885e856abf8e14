/** `serval replay --on stack`: a trace's choices on the model and on real hosts, and where the two part. */
import type { Trace } from '../../checker/trace/format.ts'
import { replayOnStack, type StackReplay } from '../../traces/replay/onStack.ts'
import { EXIT } from '../exit.ts'
import { paint, plural, print, printJson, printWrapped } from '../screen.ts'

export function replayBeside(path: string, trace: Trace, asJson: boolean): number {
  const replayed = replayOnStack(trace)
  if (asJson) printJson({ trace: path, model: trace.model, defect: trace.defect, ...replayed })
  else printBeside(replayed, trace)
  return replayed.outcome === 'different' ? EXIT.VIOLATED : EXIT.HOLDS
}

function printBeside({ outcome, steps, recorded, at }: StackReplay, { defect }: Trace): void {
  print(
    `${plural(steps, 'step')} of ${recorded} on the stack, each with the states, registers and packets of the model.`,
  )
  if (at) printWrapped(`Step ${at.step}, ${at.choice}: ${SENTENCES[outcome](defect)}`)
  if (at && outcome !== 'limit') {
    const { part, model, stack } = at.difference
    const sides = SIDES[outcome]
    printWrapped(`${sides[0]} has ${part} ${model}`, '  ')
    if (stack !== '') printWrapped(`${sides[1]} has ${part} ${stack}`, '  ')
  } else if (at) printWrapped(at.difference.model, '  ')
  const isDifferent = outcome === 'different'
  print(paint(isDifferent ? ['bold', 'red'] : 'green', isDifferent ? 'different' : 'the stack is the model'))
}

const SENTENCES: Readonly<Record<StackReplay['outcome'], (defect: string | undefined) => string>> = {
  same: () => 'all is the same.',
  defect: defect =>
    `here ${defect ?? 'what was recorded'} shows, and the stack does what the sound model does.`,
  limit: () => 'the model says less than the stack from here on.',
  different: () => 'the stack does something else than the model.',
}

/** The two sides of a difference. */
const SIDES: Readonly<Record<StackReplay['outcome'], readonly [string, string]>> = {
  same: ['', ''],
  limit: ['', ''],
  defect: ['The trace', 'The stack'],
  different: ['The model', 'The stack'],
}
