import { models } from '../../spec/worlds/index.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { json } from '../options.ts'
import { paint, print, printJson, printTable, printWrapped } from '../screen.ts'

export const define: Define = (command, done) => {
  command
    .description('Lists the models: what each shows and leaves out, and its bounds.')
    .addOption(json())
    .action(async (options: { json?: boolean }) => {
      done(listModels(options))
    })
}

/** `serval models`: what each shows and leaves out, and its bounds. */
function listModels({ json }: { readonly json?: boolean }): number {
  if (json) {
    printJson(models.map(({ name, shows, leavesOut, bounds }) => ({ name, shows, leavesOut, bounds })))
    return EXIT.HOLDS
  }
  for (const { name, shows, leavesOut, bounds } of models) {
    print(paint('bold', name))
    printWrapped(shows, '  ')
    printWrapped(`Leaves out: ${leavesOut}`, '  ')
    print()
    const rows = Object.entries(bounds).map(([key, bound]) => [
      key,
      String(bound.default),
      String(bound.deep),
      `${bound.min}..${bound.max}`,
      bound.what,
    ])
    printTable([['BOUND', 'DEFAULT', 'DEEP', 'RANGE', 'WHAT'], ...rows])
    print()
  }
  return EXIT.HOLDS
}
