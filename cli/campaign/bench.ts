import type { Worker } from 'node:worker_threads'
import { startThread } from '../../checker/search/startThread.ts'
import type { Unit } from './messages.ts'
import type { Answer } from './unitThread.ts'

const THREAD = new URL('./unitThread.ts', import.meta.url)

/** The thread of a worker. It keeps the world of its last unit, and is replaced when it dies. */
export class Bench {
  #thread: Worker | undefined

  /** Works on a unit. Resolves to undefined if the thread dies, for example because memory runs out, or is stopped. */
  work(unit: Unit): Promise<Answer | undefined> {
    this.#thread ??= startThread(THREAD)
    const thread = this.#thread
    return new Promise(resolve => {
      const end = (): void => {
        thread.off('error', end).off('exit', end)
        if (this.#thread === thread) this.#thread = undefined
        resolve(undefined)
      }
      thread.once('message', (answer: Answer) => {
        thread.off('error', end).off('exit', end)
        resolve(answer)
      })
      thread.once('error', end).once('exit', end)
      thread.postMessage(unit)
    })
  }

  /** Ends the thread, and with it the unit that it works on. */
  async stop(): Promise<void> {
    await this.#thread?.terminate()
  }
}
