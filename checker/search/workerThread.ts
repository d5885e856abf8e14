import { parentPort } from 'node:worker_threads'
import { must } from '../text/at.ts'
import type { Shared } from './sharedSearch.ts'
import { recoverPart, SearchWorker } from './worker.ts'

/** An order to worker number `index`. */
export type Order = { readonly shared: Shared; readonly index: number } & (
  | { readonly do: 'search' }
  | { readonly do: 'recover'; readonly program: WebAssembly.Module; readonly slots: number }
)

const port = must(parentPort, 'the port to the main thread')

port.on('message', (order: Order) => {
  const { shared, index } = order
  const report =
    order.do === 'search'
      ? new SearchWorker(shared, index).search()
      : recoverPart(shared, index, order.program, order.slots)
  port.postMessage(report)
})
