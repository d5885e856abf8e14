/** One peer's turn in a heap of its own: what `xstate/graph` leaves behind would be collected on the checker's time. */

import { parentPort, workerData } from 'node:worker_threads'
import { getAdjacencyMap } from 'xstate/graph'
import { explore } from '../checker/search/explore.ts'
import { must } from '../checker/text/at.ts'
import { flowMachine } from '../spec/machines/flow/machine.ts'
import { events, initialSnapshot, oneFlow } from './oneFlow.ts'

/** The checker is done so soon that it is run this often. */
const REPEATS = 10

const turns = {
  async checker() {
    let states = 0
    const started = performance.now()
    for (let i = 0; i < REPEATS; i++)
      states = (await explore(oneFlow.system, { invariants: [], workers: 1 })).distinct
    return { states, seconds: (performance.now() - started) / REPEATS / 1000 }
  },
  async graph() {
    const started = performance.now()
    // The function expects the types of machines without generics; it reads no more of them than these have.
    const map = getAdjacencyMap(flowMachine, { events: events as never, fromState: initialSnapshot as never })
    return { states: Object.keys(map).length, seconds: (performance.now() - started) / 1000 }
  },
}

export type Peer = keyof typeof turns
export interface Turn {
  readonly states: number
  readonly seconds: number
}

must(parentPort).postMessage(await turns[workerData as Peer]())
