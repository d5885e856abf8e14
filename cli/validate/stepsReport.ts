/** The output of `serval validate` for a log of steps: rows for people, values for programs. */
import { flowStep } from '../../spec/machines/flow/step.ts'
import type { StepContradiction } from '../../traces/steps/judge.ts'
import { count, paint, plural, print, printTable, printWrapped } from '../screen.ts'
import { STYLES } from './report.ts'
import type { JudgedLog } from './steps.ts'

const SENTENCES = {
  holds: 'every step is the one that the specification takes.',
  violated: 'the specification takes a different step. Later steps were not judged.',
  incomplete: 'nothing contradicts the specification, but the log became full before its stack closed.',
} as const

export function printLog({ file, judgement }: JudgedLog): void {
  const { contradiction, flows, steps, ignored, transitions, verdict, isSameMachine } = judgement
  if (contradiction) printContradiction(contradiction)
  if (!isSameMachine)
    printWrapped(paint('yellow', 'Notice: the machine has changed since this was recorded.'))
  printTable([
    ['STEPS', ''],
    [count(steps - ignored), 'repeated: the same transitions, effects and registers'],
    ...(ignored > 0 ? [[count(ignored), 'ignored by the stack and by the specification']] : []),
  ])
  print()
  const all = flowStep().transitions.length
  const told = `${file}: ${plural(flows, 'flow')}, ${transitions} of ${all} transitions.`
  printWrapped(`${told} ${paint(STYLES[verdict], verdict)}: ${SENTENCES[verdict]}`)
}

const WHAT: Readonly<Record<StepContradiction['part'], string>> = {
  beginning: 'cannot begin a flow',
  timer: 'is a timeout of a timer that must not run',
  fired: 'took different transitions',
  effects: 'had different effects',
  after: 'left different registers',
}

function printContradiction({ number, flow, event, part, logged, specified }: StepContradiction): void {
  printWrapped(`Line ${count(number)}: the step of flow ${flow} on ${event} ${WHAT[part]}.`)
  printWrapped(`Log: ${logged}`, '  ')
  printWrapped(`Specification: ${specified}`, '  ')
  print()
}

/** The value of `serval validate FILE --json` for a log. */
export const jsonOfLog = ({ judgement, ...told }: JudgedLog): Record<string, unknown> => ({
  ...told,
  ...judgement,
})
