import { setTimeout as wait } from 'node:timers/promises'
import { Option } from 'commander'
import { printable } from '../../checker/text/printable.ts'
import type { Directory } from '../../impl/controller/index.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { codeOf, explain } from '../explain.ts'
import { interruptible } from '../interrupt.ts'
import { collect, json } from '../options.ts'
import { print, printTable, redraw } from '../screen.ts'
import { type Choice, countsOf, SORTS } from '../services/chosen.ts'
import { theOne, withRunning } from '../stack/running.ts'
import { say } from '../stack/say.ts'
import { flowsOf, headOf, rowsOf, tableOf } from '../top/overview.ts'

export interface TopOptions extends Choice {
  readonly via?: string
  readonly address?: readonly string[]
  readonly once?: boolean
  readonly json?: boolean
}

/** The time between two looks, ms. */
const EVERY_MS = 1000

export const define: Define = (command, done) => {
  command
    .description(
      'Shows a service plane live until Ctrl-C: the instances with their shares of new flows, failures, the registry, and routers.',
    )
    .option(
      '--via <address>',
      'the controller, or a router that leads to it (default: the one on this machine)',
    )
    .option('--address <address>', 'the local address to query from (default: all of the machine)', collect)
    .option('--below <name>', 'only this service, and those below it')
    .addOption(new Option('--sort <column>', 'the order of the rows').choices(SORTS))
    .option('--once', 'print it once, and exit')
    .addOption(json())
    .action(async (options: TopOptions) => done(await top(options)))
}

/** `serval top`. Rejects with CLI_NOBODY, CLI_PID, CONTROLLER_GONE, errors of sockets; once it has shown something, it goes on. */
export async function top({
  via,
  address = [],
  once = false,
  json = false,
  ...choice
}: TopOptions): Promise<number> {
  const [{ readDirectory }, { controllerAt }, sockets] = await Promise.all([
    import('../../impl/controller/directory.ts'),
    import('../../impl/controller/controllerAt.ts'),
    import('../../impl/sockets/index.ts'),
  ])
  const at = via ?? (await controllerHere())
  controllerAt(at)
  await using stack: Stack = await new sockets.Stack({ addresses: address }).opened()
  let before: ReadonlyMap<string, number> = new Map()
  const show = (directory: Directory): void => {
    const rows = rowsOf(directory.instances, choice)
    if (json) printLine(at, directory, rows)
    else {
      for (const line of headOf(at, directory)) print(printable(line))
      print()
      printTable(tableOf(rows, before))
    }
    before = flowsOf(rows)
  }
  const first = await readDirectory(stack, at).catch((error: Error) => {
    if (via === undefined && ['CONTROLLER_TLS', 'CONTROLLER_TOKEN'].includes(codeOf(error)))
      say(`the controller on this machine wants TLS or a token: give --via 'tls://${at}?ca=FILE&token=FILE'`)
    throw error
  })
  if (once) {
    show(first)
    return EXIT.HOLDS
  }
  return await interruptible(async signal => {
    for (let last: Directory | Error = first; !signal.aborted; ) {
      const shown = last
      await redraw(() => (shown instanceof Error ? print(explain(shown)) : show(shown)))
      await wait(EVERY_MS, undefined, { signal }).catch(() => {})
      if (!signal.aborted) last = await readDirectory(stack, at).catch((error: Error) => error)
    }
    return EXIT.INTERRUPTED
  })
}

/** Prints everything as one line of JSON. */
function printLine(via: string, directory: Directory, instances: ReturnType<typeof rowsOf>): void {
  const { trouble, summary } = directory
  print(JSON.stringify({ via, ...summary, trouble, counts: countsOf(directory.instances), instances }))
}

/** Returns the address of the controller on this machine. Rejects with CLI_NOBODY, CLI_PID. */
const controllerHere = (): Promise<string> =>
  withRunning(undefined, async running => {
    const { client } = await theOne(running, true)
    return (await client.ask('stack', {})).addresses[0] ?? ''
  })
