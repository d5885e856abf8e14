import { must } from '../../checker/text/at.ts'
import { defects } from '../../properties/defects/index.ts'
import { paint, print } from '../screen.ts'

/** Prints the commands to try when all models hold. */
export function printNext(): void {
  const shown = defects.find(({ id }) => id === 'D5') ?? defects[0]
  const model = shown?.shownBy[0]?.model
  const lines = [
    ...(shown && model
      ? [
          [
            `npx serval check ${model} --defect ${shown.id}`,
            `put a known defect back and find its counterexample: ${shown.sentence}`,
          ],
        ]
      : []),
    ['npx serval fuzz', 'take random walks beyond these bounds'],
    ['npx serval check --deep', 'explore larger bounds (hours)'],
    ['npx serval visualize flow -o out/flow.svg', 'draw the machine'],
  ]
  print('Try next:')
  for (const [command, what] of lines) print(`  ${paint('bold', must(command))}\n      ${what}`)
}
