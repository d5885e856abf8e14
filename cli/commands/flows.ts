import { Argument } from 'commander'
import { must } from '../../checker/text/at.ts'
import { groupBy } from '../../checker/text/groupBy.ts'
import { AdminError } from '../../impl/admin/errors.ts'
import type { FlowFact } from '../../impl/admin/index.ts'
import { FLOW_PATTERN } from '../../impl/admin/methods.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { json, pidOption, watchOption } from '../options.ts'
import { ms, plural, print, printJson, printTable, size } from '../screen.ts'
import { askEach, flowsOf, withRunning } from '../stack/running.ts'
import { watching } from '../stack/watching.ts'
import { whose } from './migrate.ts'

type Act = 'add' | 'remove'

export interface FlowsOptions {
  readonly pid?: number
  readonly watch?: boolean
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Lists the flows of your running stacks on this machine, or adds a flow to a connection, or removes one of several. ' +
        'Below the list it names connections whose flows would all end by one failure.',
    )
    .addArgument(new Argument('[act]', 'the action; default: list').choices(['add', 'remove']))
    .argument('[flow]', 'to add: any flow of the connection; to remove: that flow')
    .argument('[from]', 'to add: the address or interface of the new flow, such as eth1')
    .argument('[to]', "to add: the peer's address, such as 198.51.100.1; default: the one in use")
    .addOption(pidOption())
    .addOption(watchOption())
    .addOption(json())
    .action(async (act: Act | undefined, flow: string, from: string, to: string, options: FlowsOptions) =>
      done(await (act === undefined ? flows(options) : change(act, { flow, from, to }, options))),
    )
}

type Told = FlowFact & { readonly pid: number }

/** `serval flows`. Rejects with CLI_NOBODY, ADMIN_FOLDER. */
export const flows = (options: FlowsOptions): Promise<number> =>
  watching(options.watch, () =>
    withRunning(options.pid, async running => {
      const told = await askEach(running, async ({ pid, client }) =>
        (await flowsOf(client)).map((flow): Told => ({ pid, ...flow })),
      )
      const all = byConnection(told.flat())
      if (options.json) printJson(all)
      else printFlows(all, running.length)
    }),
  )

/** `serval flows add`, `serval flows remove`. Rejects with CLI_NOBODY, CLI_PID, ADMIN_FLOW, ADMIN_ADDRESS. */
const change = (
  act: Act,
  { flow, from, to }: Readonly<Partial<Record<'flow' | 'from' | 'to', string>>>,
  { pid, json }: FlowsOptions,
): Promise<number> =>
  withRunning(pid, async running => {
    if (flow === undefined || !FLOW_PATTERN.test(flow) || (act === 'add') !== (from !== undefined))
      throw new AdminError('ADMIN_FLOW', USAGE)
    const { client } = await whose(running, flow, true)
    if (act === 'add') {
      const added = await client.ask('addFlow', { flow, from: must(from), to })
      if (json) printJson(added)
      else print(`added flow ${added.flow} from ${added.local} to ${added.peer}`)
    } else {
      await client.ask('removeFlow', { flow })
      if (json) printJson({ removed: flow })
      else print(`removed flow ${flow}`)
    }
    return EXIT.HOLDS
  })

const USAGE =
  "give a flow, as `serval flows` lists it, and to add one also its address and, if it is another one, the peer's: `serval flows add 1b2c3d4e eth1 198.51.100.1`"

/** The flows of one connection next to each other, its oldest first. */
function byConnection(all: readonly Told[]): readonly Told[] {
  const groups = groupBy(all, ({ pid, flow, of }) => `${pid} ${of ?? flow}`)
  return [...groups.values()].flatMap(group =>
    group.toSorted((a, b) => Number(b.flow === b.of) - Number(a.flow === a.of)),
  )
}

function printFlows(all: readonly Told[], stacks: number): void {
  const withPid = (pid: string, row: readonly string[]): string[] => (stacks > 1 ? [pid, ...row] : [...row])
  const heading = ['FLOW', 'SERVICE', 'STATE', 'LOCAL', 'PEER', 'SENT', 'GOT', 'RTT']
  if (all.length > 0)
    printTable([withPid('PID', heading), ...all.map(flow => withPid(String(flow.pid), rowOf(flow)))])
  else print(`no flows in ${plural(stacks, 'running stack')}`)
  printUnprotected(all)
}

/** Says which failure would end all flows of a connection, by what protects it least. */
const UNPROTECTED = {
  none: 'no protection, because only one path works',
  'same address': 'no protection against a failure of the local address',
  'same network': 'no protection against a failure of the local network',
  'same peer address': "no protection against a failure of the peer's address",
} as const

/** Connections in a line; --json has all. */
const MOST_NAMED = 6

function printUnprotected(all: readonly Told[]): void {
  const oldest = all.filter(({ flow, of }) => of === null || of === flow)
  for (const [protection, sentence] of Object.entries(UNPROTECTED)) {
    const named = oldest.filter(one => one.protection === protection).map(({ flow }) => flow)
    const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : ''
    if (named.length > 0) print(`${sentence}: ${named.slice(0, MOST_NAMED).join(', ')}${more}`)
  }
}

function rowOf(flow: Told): string[] {
  const [sent, got] = [flow.sent, flow.received].map(n =>
    flow.kind === 'stream' ? size(n) : `${n} messages`,
  )
  const rtt = flow.roundTripMs === null ? '' : ms(flow.roundTripMs)
  const isFurther = flow.of !== null && flow.of !== flow.flow
  return [
    isFurther ? `+ ${flow.flow}` : flow.flow,
    shortOf(flow.service),
    stateOf(flow),
    flow.local,
    flow.peer,
    must(sent),
    must(got),
    rtt,
  ]
}

/** A service without a known name is 64 digits, of which the table shows the first 16; `--json` has all. */
const shortOf = (service: string): string =>
  /^[0-9a-f]{64}$/.test(service) ? `${service.slice(0, 16)}...` : service

function stateOf({ connection, migration, isStalled, path }: Told): string {
  const state = path === null ? connection : `${connection}, ${path}`
  if (migration !== 'INITIAL') return `${state}, ${migration}`
  return isStalled ? `${state}, stalled` : state
}
