import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { Command, Option } from 'commander'
import { defects } from '../properties/defects/index.ts'
import { stackDefects } from '../properties/simulator/defects.ts'
import { FAULT_LEVELS } from '../properties/simulator/generate.ts'
import { MOST_HOSTS, MOST_ROUTERS, MOST_SEED } from '../properties/simulator/limits.ts'
import { collect } from './collect.ts'
import { addCapture } from './commands/capture.ts'
import type { CheckOptions } from './commands/check.ts'
import { addConnect } from './commands/connect.ts'
import { addController } from './commands/controller.ts'
import { addExample } from './commands/example.ts'
import { addFlows } from './commands/flows.ts'
import type { FuzzOptions } from './commands/fuzz.ts'
import { addListen } from './commands/listen.ts'
import { addMigrate } from './commands/migrate.ts'
import { addPing } from './commands/ping.ts'
import type { ReplayOptions } from './commands/replay.ts'
import { addResolve } from './commands/resolve.ts'
import { addRouter } from './commands/router.ts'
import { addRule } from './commands/rule.ts'
import { addServices } from './commands/services.ts'
import type { SimulateOptions } from './commands/simulate.ts'
import type { VisualizeOptions } from './commands/visualize.ts'
import { machines } from './machines.ts'
import { wholeOption } from './numbers.ts'
import { addTour } from './tour/addTour.ts'
import { addValidate } from './validate/addValidate.ts'

/** As many threads as the checker takes. */
const MAX_WORKERS = 64

/** Longer walks take more memory than they tell. */
const MAX_STEPS = 100_000

const EXITS = `
Exit codes: 0 it holds, 1 it is violated or could not be completed, or nobody answered, 2 wrong use or bad input
(nothing is written), 130 stopped by Ctrl-C (what is known is printed).`

/**
 * The commands and their options. Each command's exit code goes to `done`. What checks and draws is loaded when it is
 * asked for: commands that run stacks start in half the time.
 */
export function makeProgram(done: (status: number) => void): Command {
  const program = new Command('serval')
    .description(
      "Serval's Service Access Layer as machines that are checked, fuzzed, replayed, drawn and run.",
    )
    .version(version())
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', EXITS)
  addLists(program, done)
  addCheck(program, done)
  addFuzz(program, done)
  addSimulate(program, done)
  addReplay(program, done)
  addVisualize(program, done)
  addValidate(program, json, done)
  addTour(program, json, done)
  program.commandsGroup('Running stacks:')
  addListen(program, json, done)
  addConnect(program, json, done)
  addPing(program, json, done)
  addFlows(program, json, done)
  addServices(program, json, done)
  addMigrate(program, json, done)
  addCapture(program, json, done)
  addRouter(program, json, done)
  addResolve(program, json, done)
  addExample(program, json, done)
  addController(program, done)
  addRule(program, json, done)
  return program
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

const json = () => new Option('--json', 'print one JSON value instead of text')

function addLists(program: Command, done: (status: number) => void): void {
  program
    .command('models')
    .summary('list the models')
    .description('Lists the models: what each shows and leaves out, and its bounds.')
    .addOption(json())
    .action(async (options: { json?: boolean }) => {
      const { listModels } = await import('./commands/models.ts')
      done(listModels(options))
    })
  program
    .command('invariants')
    .summary('list what is checked')
    .description('Lists what is checked, by number, with its source.')
    .addOption(json())
    .action(async (options: { json?: boolean }) => {
      const { listInvariants } = await import('./commands/invariants.ts')
      done(listInvariants(options))
    })
}

const workers = wholeOption('--workers', 1, MAX_WORKERS)
const memory = wholeOption('--memory', 1, Math.floor(totalmem() / 2 ** 20))

function addCheck(program: Command, done: (status: number) => void): void {
  program
    .command('check')
    .summary('explore everything that models can do')
    .description(
      'Explores everything that models can do within their bounds and checks what must hold. The first violation of a model is the shortest there is; its trace is written to a file that replays.',
    )
    .argument('[model...]', 'names of models; none: all of them, or those that show the defect')
    .option('--bound <name=number>', 'set a bound of the models that have it; repeat for more', collect)
    .option('--deep', 'take larger bounds, which takes long')
    .option('--invariant <id>', 'check this one only; repeat for more', collect)
    .option('--defect <id>', 'put a known defect back')
    .option('--workers <n>', 'threads (default: 2, or 1 where there is one core)', workers)
    .option(
      '--memory <MB>',
      'mebibytes for the states (default: 2048; with --deep half of the machine)',
      memory,
    )
    .option('--trace <file>', 'where to write the first counterexample (default: a file under out/)')
    .option('--promela <file>', 'write the one model named as Promela too, for SPIN to count its states')
    .addOption(json())
    .addHelpText('after', () => `${defectsHelp()}\n${EXITS}`)
    .action(async (names: string[], options: CheckOptions) => {
      const { check } = await import('./commands/check.ts')
      done(await check(names, options))
    })
}

function defectsHelp(known: readonly { readonly id: string; readonly sentence: string }[] = defects): string {
  const lines = known.map(({ id, sentence }) => `  ${id.padEnd(4)} ${sentence}`)
  return lines.length > 0 ? `\nDefects:\n${lines.join('\n')}` : ''
}

const runs = wholeOption('--runs', 1)
const steps = wholeOption('--steps', 1, MAX_STEPS)
const seed = wholeOption('--seed', 0, MOST_SEED)

function addFuzz(program: Command, done: (status: number) => void): void {
  program
    .command('fuzz')
    .summary('walk through models at random')
    .description(
      'Takes random walks through models at their widest bounds, too wide to explore, until one breaks what must hold. What is found is shrunk and written to a file that replays.',
    )
    .argument('[model...]', 'names of models; none: all of them, or those that show the defect')
    .option('--runs <n>', 'walks through each model (default: 500)', runs)
    .option('--steps <n>', 'most steps of a walk (default: 300)', steps)
    .option('--seed <s>', 'the same seed takes the same walks (default: another each time)', seed)
    .option('--defect <id>', 'put a known defect back')
    .addOption(json())
    .addHelpText('after', () => `${defectsHelp()}\n${EXITS}`)
    .action(async (names: string[], options: FuzzOptions) => {
      const { fuzzModels } = await import('./commands/fuzz.ts')
      done(await fuzzModels(names, options))
    })
}

const hosts = wholeOption('--hosts', 1, MOST_HOSTS)
const routers = wholeOption('--routers', 0, MOST_ROUTERS)
const instances = wholeOption('--instances', 1, MOST_HOSTS - 1)

function addSimulate(program: Command, done: (status: number) => void): void {
  program
    .command('simulate')
    .summary('run whole stacks in virtual time')
    .description(
      'Runs whole stacks on many hosts in virtual time, with faults, moves, cuts and crashes drawn from seeds, until a run breaks something. What is found is shrunk and written as a plan; with FILE that plan is run again.',
    )
    .argument('[file]', 'a plan, as this command writes it')
    .option('--runs <n>', 'runs, each of another seed (default: 2000)', runs)
    .option(
      '--seed <s>',
      'the first seed; the same seed makes the same runs (default: another each time)',
      seed,
    )
    .option('--hosts <n>', 'hosts of each run (default: 3)', hosts)
    .option(
      '--routers <n>',
      'routers in a row, which find services by name; the last is a rendezvous (default: 0)',
      routers,
    )
    .option(
      '--instances <n>',
      'hosts that offer one service together; without routers all are asked at once (default: 1)',
      instances,
    )
    .option('--faults <level>', `${FAULT_LEVELS.join(', ')} (default: harsh)`)
    .option('--defect <id>', 'put a defect into the stack')
    .addOption(json())
    .addHelpText('after', () => `${defectsHelp(stackDefects)}\n${EXITS}`)
    .action(async (path: string | undefined, options: SimulateOptions) => {
      const { simulatePlans } = await import('./commands/simulate.ts')
      done(await simulatePlans(path, options))
    })
}

function addReplay(program: Command, done: (status: number) => void): void {
  program
    .command('replay')
    .summary("make a trace's choices again")
    .description(
      'Makes the choices of a trace again, on the machine as it is now, and shows the first step that goes otherwise than recorded.',
    )
    .argument('<trace>', "a trace's file, as check and fuzz write it")
    .addOption(
      new Option('--on <what>', 'on the model, or on the stack too, step by step beside it')
        .choices(['model', 'stack'])
        .default('model'),
    )
    .addOption(json())
    .addHelpText('after', EXITS)
    .action(async (path: string, options: ReplayOptions) => {
      const { replayTrace } = await import('./commands/replay.ts')
      done(await replayTrace(path, options))
    })
}

function addVisualize(program: Command, done: (status: number) => void): void {
  program
    .command('visualize')
    .summary('draw a machine or a trace')
    .description(`Draws a machine (${Object.keys(machines).join(', ')}) or a trace.`)
    .argument('<subject>', `${Object.keys(machines).join(', ')}, or a trace's file`)
    .option('--format <format>', 'svg, mermaid, dot, html or text (default: by the name of FILE, else text)')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .action(async (subject: string, options: VisualizeOptions) => {
      const { visualize } = await import('./commands/visualize.ts')
      done(await visualize(subject, options))
    })
}
