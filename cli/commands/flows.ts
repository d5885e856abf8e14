import { must } from '../../checker/text/at.ts'
import type { FlowFact } from '../../impl/admin/index.ts'
import type { Define } from '../define.ts'
import { json, pidOption, watchOption } from '../options.ts'
import { plural, print, printJson, printTable } from '../screen.ts'
import { askEach, flowsOf, withRunning } from '../stack/running.ts'
import { ms, size } from '../stack/say.ts'
import { watching } from '../stack/watch.ts'

export interface FlowsOptions {
  readonly pid?: number
  readonly watch?: boolean
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Lists the flows of your running stacks on this machine: their addresses, state and traffic.',
    )
    .addOption(pidOption())
    .addOption(watchOption())
    .addOption(json())
    .action(async (options: FlowsOptions) => done(await flows(options)))
}

type Told = FlowFact & { readonly pid: number }

/** `serval flows`. Rejects with CLI_NOBODY, ADMIN_FOLDER. */
export const flows = (options: FlowsOptions): Promise<number> =>
  watching(options.watch, () =>
    withRunning(options.pid, async running => {
      const told = await askEach(running, async ({ pid, client }) =>
        (await flowsOf(client)).map((flow): Told => ({ pid, ...flow })),
      )
      const all = told.flat()
      if (options.json) printJson(all)
      else printFlows(all, running.length)
    }),
  )

function printFlows(all: readonly Told[], stacks: number): void {
  const withPid = (pid: string, row: readonly string[]): string[] => (stacks > 1 ? [pid, ...row] : [...row])
  const heading = ['FLOW', 'SERVICE', 'STATE', 'LOCAL', 'PEER', 'SENT', 'GOT', 'RTT']
  if (all.length > 0)
    printTable([withPid('PID', heading), ...all.map(flow => withPid(String(flow.pid), rowOf(flow)))])
  else print(`no flows in ${plural(stacks, 'running stack')}`)
}

function rowOf(flow: Told): string[] {
  const [sent, got] = [flow.sent, flow.received].map(n =>
    flow.kind === 'stream' ? size(n) : `${n} messages`,
  )
  const state = flow.migration === 'INITIAL' ? flow.connection : `${flow.connection}, ${flow.migration}`
  const rtt = flow.roundTripMs === null ? '' : ms(flow.roundTripMs)
  return [flow.flow, flow.service, state, flow.local, flow.peer, must(sent), must(got), rtt]
}
