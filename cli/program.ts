import { readFileSync } from 'node:fs'
import { Command, Help, Option } from 'commander'
import type { Define } from './define.ts'
import { EXITS } from './exit.ts'

type Entry = readonly [name: string, summary: string, load: () => Promise<{ readonly define: Define }>]

const CHECKING: readonly Entry[] = [
  ['models', 'list the models', () => import('./commands/models.ts')],
  ['invariants', 'list the properties that models are checked for', () => import('./commands/invariants.ts')],
  ['defects', 'list the known defects, or check the models with one', () => import('./commands/defects.ts')],
  ['check', 'explore every reachable state, check all properties', () => import('./commands/check.ts')],
  ['fuzz', 'take random walks at bounds too wide to explore', () => import('./commands/fuzz.ts')],
  [
    'simulate',
    'simulate networks and service planes in virtual time',
    () => import('./commands/simulate.ts'),
  ],
  ['worker', 'work for campaigns of check, fuzz and simulate', () => import('./commands/worker.ts')],
  ['replay', 'replay a counterexample on the current machine', () => import('./commands/replay.ts')],
  ['visualize', 'draw a machine or a trace', () => import('./commands/visualize.ts')],
  ['validate', 'judge recorded traffic by the specification', () => import('./commands/validate.ts')],
  [
    'tour',
    'check all models, then move a live transfer across addresses',
    () => import('./commands/tour.ts'),
  ],
]

const RUNNING: readonly Entry[] = [
  ['listen', 'offer a service', () => import('./commands/listen.ts')],
  ['up', 'offer all services of a file', () => import('./commands/up.ts')],
  ['connect', 'use a service', () => import('./commands/connect.ts')],
  ['proxy', 'let browsers and other programs reach services by name', () => import('./commands/proxy.ts')],
  ['ping', 'measure how long a service takes to answer', () => import('./commands/ping.ts')],
  ['flows', 'list the flows of running stacks', () => import('./commands/flows.ts')],
  ['services', 'list the services of running stacks', () => import('./commands/services.ts')],
  ['top', 'watch a service plane live', () => import('./commands/top.ts')],
  ['migrate', 'move a flow, or all flows of an interface', () => import('./commands/migrate.ts')],
  ['capture', 'write the packets of a running stack to a file', () => import('./commands/capture.ts')],
  [
    'router',
    'run a router, which forwards first packets by service name',
    () => import('./commands/router.ts'),
  ],
  [
    'resolve',
    'show which rule resolves a service at each hop, and why',
    () => import('./commands/resolve.ts'),
  ],
  ['example', 'run a case study', () => import('./commands/example.ts')],
  ['controller', 'run a controller, a directory of services', () => import('./commands/controller.ts')],
  [
    'rule',
    'add, remove or list the rules by which a stack finds services',
    () => import('./commands/rule.ts'),
  ],
  ['key', 'make keys and tokens, and grant names to keys', () => import('./commands/key.ts')],
  ['evict', 'take an instance of a service out, or let it back', () => import('./commands/evict.ts')],
]

/**
 * Returns the program with all commands. A command passes its exit code to `done`. Only the commands that `isWanted` names
 * load their options and code; the others are listed by name and summary.
 */
export async function makeProgram(
  done: (status: number) => void,
  isWanted: (name: string) => boolean = () => true,
): Promise<Command> {
  const program = new Command('serval')
    .description('Checks and runs the Service Access Layer. For details: serval COMMAND --help')
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ visibleCommands: listed })
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
  // The description names it, and all commands must fit a screen. Commands would inherit this if it were set earlier.
  return program.addHelpOption(new Option('-h, --help').hideHelp())
}

/** Lists all commands but `help`, to which `--help` is equal. */
const listed = (command: Command): Command[] =>
  new Help().visibleCommands(command).filter(one => one.name() !== 'help')

const version = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
