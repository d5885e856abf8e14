/** The processes of the replicas: who joins, who leaves. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { must } from '../../checker/text/at.ts'

interface Replica {
  readonly name: string
  readonly child: ChildProcess
}

export class Replicas {
  readonly #waiting: Replica[]
  readonly #running: Replica[] = []

  private constructor(replicas: readonly Replica[]) {
    this.#waiting = [...replicas]
  }

  /** Starts a process for each, at an address of its own in `network`, which finds the controller at `controller`. */
  static async start(names: readonly string[], network: string, controller: string): Promise<Replicas> {
    const replicas = names.map((name, i) => {
      const args = [name, `${network}.${11 + i}:0`, controller]
      return { name, child: fork(new URL('./replica.ts', import.meta.url), args) }
    })
    await Promise.all(replicas.map(saidSomething))
    return new Replicas(replicas)
  }

  /** Resolves when the controller knows it. */
  async join(name: string): Promise<void> {
    const [replica] = this.#waiting.splice(indexOf(name, this.#waiting), 1)
    this.#running.push(must(replica))
    must(replica).child.send('join')
    await saidSomething(must(replica))
  }

  /** Resolves when the process has ended. */
  async leave(name: string): Promise<void> {
    const [replica] = this.#running.splice(indexOf(name, this.#running), 1)
    const ended = once(must(replica).child, 'exit')
    must(replica).child.send('leave')
    await ended
  }

  [Symbol.dispose](): void {
    for (const { child } of [...this.#waiting, ...this.#running]) child.kill()
  }
}

const indexOf = (name: string, replicas: readonly Replica[]): number =>
  replicas.findIndex(one => one.name === name)

/** Rejects when the process ends instead. */
async function saidSomething({ name, child }: Replica): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`replica ${name} has ended`)
  })
  await Promise.race([once(child, 'message', { signal }), ended]).finally(() => over.abort())
  ended.catch(() => {})
}
