import { parentPort, workerData } from 'node:worker_threads'
import { Member, recoverPart } from './member.ts'
import type { Shared } from './team.ts'

/** What the coordinator tells a worker. */
export type Order =
  | { readonly do: 'search' }
  | { readonly do: 'recover'; readonly program: WebAssembly.Module; readonly slots: number }

const { shared, index } = workerData as { shared: Shared; index: number }

parentPort!.on('message', (order: Order) => {
  const report =
    order.do === 'search'
      ? new Member(shared, index).search()
      : recoverPart(shared, index, order.program, order.slots)
  parentPort!.postMessage(report)
})
