import { at, must } from '../../checker/text/at.ts'
import { AdminError } from '../../impl/admin/errors.ts'
import { FLOW_PATTERN, type Moved } from '../../impl/admin/methods.ts'
import type { Running } from '../../impl/admin/running.ts'
import { NO_ADDRESS, parseAddress } from '../../impl/link/address.ts'
import { addressOn } from '../../impl/sockets/addressChoice.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { json, pidOption } from '../options.ts'
import { ms, paint, print, printJson, printTable } from '../screen.ts'
import { askEach, flowsOf, withRunning } from '../stack/running.ts'

export interface MigrateOptions {
  readonly pid?: number
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Moves a flow of a running stack, or all flows that use an address or interface, to another address of the same process. It returns when the peers have followed.',
    )
    .argument('<from>', 'a flow from `serval flows`, or an address or interface')
    .argument('<to>', 'an address or interface, such as 127.0.0.2 or eth0')
    .addOption(pidOption())
    .addOption(json())
    .action(async (from: string, to: string, options: MigrateOptions) =>
      done(await migrate(from, to, options)),
    )
}

/** `serval migrate`. Rejects with CLI_NOBODY, CLI_PID, LINK_ADDRESS, ADMIN_FLOW, ADMIN_ADDRESS. */
export const migrate = (from: string, to: string, { pid, json }: MigrateOptions): Promise<number> =>
  withRunning(pid, async running => {
    const isFlow = FLOW_PATTERN.test(from)
    const one = await whose(running, from, isFlow)
    const began = performance.now()
    const moved = isFlow
      ? [await one.client.ask('migrate', { flow: from, to })]
      : (await one.client.ask('moveInterface', { from, to })).moved
    const took = performance.now() - began
    if (json) printJson({ pid: one.pid, ms: took, moved })
    else printMoved(moved, took, from)
    return moved.some(({ failed }) => failed !== null) ? EXIT.VIOLATED : EXIT.HOLDS
  })

/** Returns the process that has the flow or uses the address. Throws CLI_PID, ADMIN_FLOW, ADMIN_ADDRESS. */
export async function whose(running: readonly Running[], from: string, isFlow: boolean): Promise<Running> {
  if (running.length === 1) return at(running, 0)
  const have = await askEach(running, async one => {
    if (isFlow) return (await flowsOf(one.client)).some(({ flow }) => flow === from) ? [one] : []
    const { addresses } = await one.client.ask('stack', {})
    const places = addresses.map(text => parseAddress(text))
    return addressOn(places, from) === NO_ADDRESS ? [] : [one]
  })
  const [first, ...others] = have.flat()
  if (first === undefined)
    throw isFlow
      ? new AdminError('ADMIN_FLOW', `there is no connected flow ${from}; serval flows lists them`)
      : new AdminError(
          'ADMIN_ADDRESS',
          `no process of yours uses '${from}'; serval flows lists their addresses`,
        )
  if (others.length === 0) return first
  const pids = [first, ...others].map(one => must(one).pid).join(', ')
  throw new CliError('CLI_PID', `${from} matches the processes ${pids}; give --pid`)
}

function printMoved(moved: readonly Moved[], took: number, from: string): void {
  if (moved.length === 0) {
    print(`no flow uses ${from}`)
    return
  }
  printTable(
    [
      ['FLOW', 'FROM', 'TO', 'RESULT'],
      ...moved.map(one => [one.flow, one.from, one.to, one.failed ?? 'moved']),
    ],
    (column, row) => (column === 3 && at(moved, row - 1).failed !== null ? 'red' : undefined),
  )
  const whole = moved.filter(({ failed }) => failed === null).length
  print()
  print(`${paint('green', `${whole} of ${moved.length} moved`)} in ${ms(took)}`)
}
