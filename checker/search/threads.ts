import type { Worker } from 'node:worker_threads'
import { CheckerError } from '../ir/errors.ts'
import { startThread } from './startThread.ts'
import type { Order } from './workerThread.ts'

/** The worker's file lies beside this one and has its ending, built or not. */
const WORKER = new URL(import.meta.url.replace(/threads(\.\w+)$/, 'workerThread$1'))

/** Threads that search together. One exploration after the other may use them. They start at once. */
export class Threads {
  readonly #workers: readonly Worker[]

  constructor(count: number) {
    this.#workers = Array.from({ length: count }, () => startThread(WORKER))
  }

  get count(): number {
    return this.#workers.length
  }

  /** Sends each thread the order of its index. Returns all answers. Rejects with CHK007 if a thread dies. */
  command<Reply>(orderOf: (index: number) => Order): Promise<Reply[]> {
    return Promise.all(this.#workers.map((worker, index) => send<Reply>(worker, orderOf(index))))
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()))
  }
}

function send<Reply>(worker: Worker, order: Order): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      reject(
        new CheckerError(
          'CHK007',
          `a worker thread died (${cause}); try fewer workers or a lower memory limit`,
        ),
      )
    }
    worker.once('message', (answer: Reply) => {
      worker.off('error', fail).off('exit', fail)
      resolve(answer)
    })
    worker.once('error', fail).once('exit', fail)
    worker.postMessage(order)
  })
}
