import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { type Define, EXITS } from './define.ts'

type Entry = readonly [name: string, summary: string, load: () => Promise<{ readonly define: Define }>]

const CHECKING: readonly Entry[] = [
  ['models', 'list the models', () => import('./commands/models.ts')],
  ['invariants', 'list what is checked', () => import('./commands/invariants.ts')],
  ['check', 'explore everything that models can do', () => import('./commands/check.ts')],
  ['fuzz', 'walk through models at random', () => import('./commands/fuzz.ts')],
  ['simulate', 'run whole stacks in virtual time', () => import('./commands/simulate.ts')],
  ['replay', "make a trace's choices again", () => import('./commands/replay.ts')],
  ['visualize', 'draw a machine or a trace', () => import('./commands/visualize.ts')],
  ['validate', 'judge recorded traffic by the specification', () => import('./commands/validate.ts')],
  ['tour', 'check everything, then run it', () => import('./commands/tour.ts')],
]

const RUNNING: readonly Entry[] = [
  ['listen', 'offer a service', () => import('./commands/listen.ts')],
  ['connect', 'use a service', () => import('./commands/connect.ts')],
  ['ping', 'ask a service whether it is there', () => import('./commands/ping.ts')],
  ['flows', 'list the flows of running stacks', () => import('./commands/flows.ts')],
  ['services', 'list the services of running stacks', () => import('./commands/services.ts')],
  ['migrate', 'move a flow, or all flows of an interface', () => import('./commands/migrate.ts')],
  ['capture', 'write the packets of a running stack to a file', () => import('./commands/capture.ts')],
  ['router', 'send first packets on, by the service that they ask for', () => import('./commands/router.ts')],
  [
    'resolve',
    'tell which rule decides where a service is, at each hop, and why',
    () => import('./commands/resolve.ts'),
  ],
  ['example', 'run a case study: what services by name are good for', () => import('./commands/example.ts')],
  ['controller', 'run a controller', () => import('./commands/controller.ts')],
  ['rule', 'add, remove or list rules', () => import('./commands/rule.ts')],
]

/**
 * The commands. The exit code of the one that runs goes to `done`. Options and program are loaded of those that are
 * wanted alone, all unless told: of the others the list takes nothing but name and summary.
 */
export async function makeProgram(
  done: (status: number) => void,
  isWanted: (name: string) => boolean = () => true,
): Promise<Command> {
  const program = new Command('serval')
    .description(
      "Serval's Service Access Layer as machines that are checked, fuzzed, replayed, drawn and run.",
    )
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', EXITS)
  const add = async (entries: readonly Entry[]): Promise<void> => {
    for (const [name, summary, load] of entries) {
      const command = program.command(name).summary(summary)
      if (isWanted(name)) (await load()).define(command, done)
    }
  }
  await add(CHECKING)
  program.commandsGroup('Running stacks:')
  await add(RUNNING)
  return program
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
