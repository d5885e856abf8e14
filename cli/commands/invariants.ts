import { labelOf } from '../../checker/trace/property.ts'
import { liveness, recoveries, safety } from '../../spec/worlds/invariants.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { json } from '../options.ts'
import { printJson, printTable, printWrapped } from '../screen.ts'

const listed = [
  ...safety.map(one => ({ ...one, kind: 'safety' as const })),
  ...recoveries.map(one => ({ ...one, kind: 'recovery' as const })),
  ...liveness.map(one => ({ ...one, kind: one.isPrompt ? ('prompt' as const) : ('liveness' as const) })),
].map(({ id, name, kind, sentence, source }) => ({ id, name, kind, sentence, source }))

export const define: Define = (command, done) => {
  command
    .description('Lists the properties that models are checked for, with their numbers and sources.')
    .addOption(json())
    .action(async (options: { json?: boolean }) => {
      done(listInvariants(options))
    })
}

/** `serval invariants`: lists the properties with their numbers and sources. */
function listInvariants({ json }: { readonly json?: boolean }): number {
  if (json) {
    printJson(listed)
    return EXIT.HOLDS
  }
  const rows = listed.map(({ kind, sentence, source, ...one }) => [labelOf(one), kind, sentence, source])
  printTable([['PROPERTY', 'KIND', 'WHAT HOLDS', 'FROM'], ...rows], column =>
    column === 0 ? 'bold' : undefined,
  )
  printWrapped(
    'safety: true in every reachable state, or of every step. recovery: from every reachable state the goal can still be reached once faults stop. liveness: true of every endless run, faults included, in which timers fire and packets are not lost forever. prompt: true of every endless run without faults and timers.',
  )
  return EXIT.HOLDS
}
