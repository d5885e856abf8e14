/** The checker beside `xstate/graph` on a model that both can hold, taking turns. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Peer, Turn } from './graphTurn.ts'
import { median, medianRatio, table } from './table.ts'

const ROUNDS = 3

async function turnOf(peer: Peer): Promise<Turn> {
  const worker = new Worker(new URL('./graphTurn.ts', import.meta.url), { workerData: peer })
  const [turn] = await once(worker, 'message')
  return turn
}

export async function compareWithGraph(): Promise<string> {
  const ours: number[] = []
  const theirs: number[] = []
  let states = 0
  for (let round = 0; round < ROUNDS; round++) {
    const [checker, graph] = [await turnOf('checker'), await turnOf('graph')]
    if (checker.states !== graph.states)
      throw new Error(`xstate/graph finds ${graph.states} states, the checker ${checker.states}`)
    states = checker.states
    ours.push(states / checker.seconds)
    theirs.push(states / graph.seconds)
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
