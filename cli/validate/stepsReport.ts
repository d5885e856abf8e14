/** The output of `serval validate` for a log of steps: rows for people, values for programs. */
import { flowStep } from '../../spec/machines/flow/step.ts'
import type { StepContradiction } from '../../traces/steps/judge.ts'
import { count, paint, plural, print, printTable, printWrapped } from '../screen.ts'
import { STYLES } from './report.ts'
import type { JudgedLog } from './steps.ts'

const SENTENCES = {
  holds: 'each step is the one that the specification takes.',
  violated: 'the specification takes another step; nothing after it was looked at.',
  incomplete: 'nothing contradicts the specification, but the log was full before its stack was closed.',
} as const

export function printLog({ file, judgement }: JudgedLog): void {
  const { contradiction, flows, steps, ignored, transitions, verdict, isSameMachine } = judgement
  if (contradiction) printContradiction(contradiction)
  if (!isSameMachine)
    printWrapped(paint('yellow', 'Notice: the machine has changed since this was recorded.'))
  printTable([
    ['STEPS', ''],
    [count(steps - ignored), 'taken again: the same transitions, effects and registers'],
    ...(ignored > 0 ? [[count(ignored), 'that changed nothing, here and there']] : []),
  ])
  print()
  const all = flowStep().transitions.length
  const told = `${file}: ${plural(flows, 'flow')}, ${transitions} of ${all} transitions.`
  printWrapped(`${told} ${paint(STYLES[verdict], verdict)}: ${SENTENCES[verdict]}`)
}

const WHAT: Readonly<Record<StepContradiction['part'], string>> = {
  beginning: 'is not how a flow begins',
  timer: 'is of a timer that ran for nothing',
  fired: 'took other transitions',
  effects: 'had other effects',
  after: 'left other registers',
}

function printContradiction({ number, flow, event, part, logged, specified }: StepContradiction): void {
  printWrapped(`Line ${count(number)}: the step of flow ${flow} on ${event} ${WHAT[part]}.`)
  printWrapped(`It has ${logged}`, '  ')
  printWrapped(`The specification has ${specified}`, '  ')
  print()
}

/** `serval validate FILE --json`, of a log. */
export const jsonOfLog = ({ judgement, ...told }: JudgedLog): Record<string, unknown> => ({
  ...told,
  ...judgement,
})
