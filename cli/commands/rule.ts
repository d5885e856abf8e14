import { Argument, Option } from 'commander'
import { must } from '../../checker/text/at.ts'
import type { AdminClient, RuleForAll } from '../../impl/admin/index.ts'
import { PRIORITY_LIMIT, WEIGHT_LIMIT } from '../../impl/host/services/serviceTable.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { json, pidOption, wholeOption } from '../options.ts'
import { plural, print, printJson, printTable } from '../screen.ts'
import { rulesOf, theOne, withRunning } from '../stack/running.ts'
import { say } from '../stack/say.ts'

export interface RuleOptions {
  readonly via?: string
  readonly delay?: boolean
  readonly drop?: boolean
  readonly priority?: number
  readonly weight?: number
  readonly everywhere?: boolean
  readonly pid?: number
  readonly json?: boolean
}

type Act = 'add' | 'del' | 'list'

/** The defaults of `--priority` and `--weight`, for their help. */
const KEEPS = 'default: 1 for a new rule; an existing rule keeps its own'

export const define: Define = (command, done) => {
  command
    .description(
      'Adds, changes, removes or lists rules of a running stack, or with --everywhere those of a controller, which apply to all its hosts.',
    )
    .addArgument(new Argument('<act>', 'the action').choices(['add', 'del', 'list']))
    .argument(
      '[prefix]',
      "the services: acme/web (or 'acme/web/*') with all below it, 64 hexadecimal digits, or '*'",
    )
    .addOption(
      new Option('--via <address>', 'forward first packets to this address').conflicts(['delay', 'drop']),
    )
    .addOption(new Option('--delay', 'hold first packets until a controller answers').conflicts('drop'))
    .option('--drop', 'drop first packets')
    .option(
      '--priority <n>',
      `rules of the highest priority decide (${KEEPS})`,
      wholeOption('--priority', 0, PRIORITY_LIMIT),
    )
    .option(
      '--weight <n>',
      `the share of new flows among rules of one priority; 0 drains (${KEEPS})`,
      wholeOption('--weight', 0, WEIGHT_LIMIT),
    )
    .option('--everywhere', 'change the controller on this machine, for all its hosts')
    .addOption(pidOption())
    .addOption(json())
    .action(async (act: Act, prefix: string | undefined, options: RuleOptions) =>
      done(await rule(act, prefix, options)),
    )
}

/** `serval rule`. Rejects with CLI_USAGE, CLI_NOBODY, CLI_PID, ADMIN_RULE, ADMIN_FOLDER. */
export async function rule(act: Act, prefix: string | undefined, options: RuleOptions): Promise<number> {
  if ((prefix === undefined) !== (act === 'list'))
    throw new CliError('CLI_USAGE', 'add and del need a prefix, such as acme/web; list takes none')
  const target = act === 'list' ? '' : targetOf(options)
  const everywhere = options.everywhere ?? false
  return withRunning(options.pid, async running => {
    const { pid, client } = await theOne(running, everywhere, ', or --everywhere')
    if (act === 'list') {
      if (everywhere) showForAll(await rulesForAll(client), options)
      else await showOwn(client, options)
      return EXIT.HOLDS
    }
    const where = everywhere ? 'for all hosts' : `of process ${pid}`
    const named = { prefix: must(prefix), target, everywhere }
    if (act === 'add') {
      const { priority, weight } = options
      const { overruledBy } = await client.ask('addRule', { ...named, priority, weight })
      print(`added: ${named.prefix}, ${named.target}, ${where}`)
      if (overruledBy !== null)
        say(
          `the rule has no effect, because this one decides: ${overruledBy}; give the new rule a higher priority`,
        )
      return EXIT.HOLDS
    }
    const { removed } = await client.ask('removeRule', named)
    print(`${removed ? 'removed' : 'no such rule'}: ${named.prefix}, ${named.target}, ${where}`)
    return removed ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

/** Checks the combination of options. Throws CLI_USAGE. */
function targetOf({ via, delay, drop }: RuleOptions): string {
  if (via !== undefined) return `forward ${via}`
  if (delay) return 'delay'
  if (drop) return 'drop'
  throw new CliError('CLI_USAGE', 'choose what happens to first packets: --via ADDRESS, --delay or --drop')
}

async function rulesForAll(client: AdminClient): Promise<RuleForAll[]> {
  const all: RuleForAll[] = []
  for (let isMore = true; isMore; ) {
    const page = await client.ask('rulesForAll', { after: all.length })
    all.push(...page.rules)
    isMore = page.isMore
  }
  return all
}

/** The priority or weight that a rule leaves to the instances. */
const KEPT = 'kept'

const weightText = (weight: number | null): string => (weight === 0 ? 'draining' : String(weight ?? KEPT))

function showForAll(rules: readonly RuleForAll[], { json }: RuleOptions): void {
  if (json) printJson(rules)
  else if (rules.length === 0) print('no rules for all hosts')
  else
    printTable([
      ['RULE FOR', 'PRIORITY', 'WEIGHT', 'TARGET'],
      ...rules.map(({ prefix, priority, weight, target }) => [
        prefix,
        String(priority ?? KEPT),
        weightText(weight),
        target,
      ]),
    ])
}

async function showOwn(client: AdminClient, { json }: RuleOptions): Promise<void> {
  const rules = await rulesOf(client)
  if (json) {
    printJson(rules)
    return
  }
  print(plural(rules.length, 'rule'))
  printTable([
    ['RULE FOR', 'BITS', 'PRIORITY', 'WEIGHT', 'PACKETS', 'TARGET'],
    ...rules.map(({ prefix, bits, priority, weight, packets, target }) => [
      ...[prefix, String(bits), String(priority), weightText(weight), String(packets), target],
    ]),
  ])
}
