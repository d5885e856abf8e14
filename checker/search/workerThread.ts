import { parentPort } from 'node:worker_threads'
import { must } from '../text/at.ts'
import type { LiveShared, Stage } from './liveShared.ts'
import { LiveWorker } from './liveWorker.ts'
import type { Shared } from './sharedSearch.ts'
import { recoverPart, SearchWorker } from './worker.ts'

/** An order to worker number `index`. */
export type Order = { readonly shared: Shared; readonly index: number } & (
  | { readonly do: 'search' }
  | { readonly do: 'recover'; readonly program: WebAssembly.Module; readonly slots: number }
  | { readonly do: 'live'; readonly live: LiveShared; readonly stage: Stage }
)

const port = must(parentPort, 'the port to the main thread')

/** The worker of the liveness properties that are being decided, until others begin. */
let live: LiveWorker | undefined

port.on('message', (order: Order) => {
  port.postMessage(carryOut(order))
})

function carryOut(order: Order): unknown {
  const { shared, index } = order
  switch (order.do) {
    case 'search':
      live = undefined
      return new SearchWorker(shared, index).search()
    case 'recover':
      return recoverPart(shared, index, order.program, order.slots)
    case 'live': {
      if (live === undefined || order.stage.do === 'begin') live = new LiveWorker(order.live, index)
      const work = live.run(order.stage)
      for (;;) {
        const step = work.next()
        if (step.done) return step.value
      }
    }
  }
}
