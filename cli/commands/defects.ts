import { defects } from '../../properties/defects/index.ts'
import { planeDefect, planeDefects } from '../../properties/simulator/controllers/defects.ts'
import { stackDefects } from '../../properties/simulator/defects.ts'
import type { Define } from '../define.ts'
import { EXIT, EXITS } from '../exit.ts'
import { json } from '../options.ts'
import { printJson, printTable, printWrapped } from '../screen.ts'
import { check } from './check.ts'
import { simulatePlans, stackDefect } from './simulate.ts'

export interface DefectsOptions {
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Lists the known defects. With the id of one, puts it back and finds it, like `serval check --defect` for the machines and `serval simulate --defect` for the stack and the service plane.',
    )
    .argument('[id]', 'the defect to put back, such as D5')
    .addOption(json())
    .addHelpText('after', EXITS)
    .action(async (id: string | undefined, options: DefectsOptions) => {
      done(id === undefined ? listDefects(options) : await findDefect(id, options))
    })
}

/** Where each defect shows: in models that `check` explores, or in networks and service planes that `simulate` runs. */
const listed = [
  ...defects.map(({ id, sentence, shownBy }) => ({
    ...{ id, sentence, command: 'check' },
    models: shownBy.map(({ model }) => model),
  })),
  ...[...stackDefects, ...planeDefects].map(({ id, sentence }) => ({
    id,
    sentence,
    command: 'simulate',
    models: [],
  })),
]

/** `serval defects`: lists the defects, and the models or plans that show each. */
function listDefects({ json }: DefectsOptions): number {
  if (json) {
    printJson(listed)
    return EXIT.HOLDS
  }
  const rows = listed.map(({ id, sentence, command, models }) => [
    ...[id, sentence],
    command === 'check' ? models.join(', ') : command,
  ])
  printTable([['DEFECT', 'WHAT GOES WRONG', 'SHOWN BY'], ...rows], column =>
    column === 0 ? 'bold' : undefined,
  )
  printWrapped(
    'D: a defect of the prototype, the first Serval implementation. S: a seeded defect, which violates the property of its number. T: a defect of the stack. P: a defect of the service plane. `serval defects ID` puts one back and finds it.',
  )
  return EXIT.HOLDS
}

/** Rejects with CLI_DEFECT for an unknown id. */
const findDefect = (id: string, options: DefectsOptions): Promise<number> =>
  stackDefect(id) || planeDefect(id)
    ? simulatePlans(undefined, { ...options, defect: id })
    : check([], { ...options, defect: id })
