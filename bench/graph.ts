/** The checker beside `xstate/graph` on a model that both can hold. */
import { getAdjacencyMap } from 'xstate/graph'
import { explore } from '../properties/checker/explore.ts'
import { flowMachine } from '../spec/flow/machine.ts'
import { events, initialSnapshot, oneFlow } from './one-flow.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 3
/** The checker is done so soon that it is run this often for each of the peer's runs. */
const REPEATS = 5

export async function compareWithGraph(): Promise<string> {
  const ours: number[] = []
  const theirs: number[] = []
  let states = 0
  for (let round = 0; round < ROUNDS; round++) {
    let started = performance.now()
    for (let i = 0; i < REPEATS; i++)
      states = (await explore(oneFlow.system, { invariants: [], workers: 1 })).distinct
    ours.push((states * REPEATS * 1000) / (performance.now() - started))
    started = performance.now()
    const map = getAdjacencyMap(flowMachine, { events: events as never, fromState: initialSnapshot as never })
    const found = Object.keys(map).length
    theirs.push((found * 1000) / (performance.now() - started))
    if (found !== states) throw new Error(`xstate/graph finds ${found} states, the checker ${states}`)
  }
  return table([
    ['one flow', 'states', 'states/s', 'ratio'],
    [
      'checker, 1 thread',
      String(states),
      median(ours).toFixed(0),
      `${medianRatio(ours, theirs).toFixed(0)} (at least 100 wanted)`,
    ],
    ['xstate/graph', String(states), median(theirs).toFixed(0), '1'],
  ])
}
