/** Clients of the web server: each asks again and again, over a new connection each time. */

import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { at } from '../../checker/text/at.ts'
import { connect, type Stack } from '../../impl/sockets/index.ts'

export class Visitors {
  /** Why connections failed. */
  readonly failures: string[] = []
  readonly #service: string
  readonly #stacks: readonly Stack[]
  readonly #answered: (replica: string | undefined, askedMs: number) => void
  #isOver = false

  /** `answered`: by whom (undefined: it failed), and when it was asked, as `performance.now` has it. */
  constructor(
    service: string,
    stacks: readonly Stack[],
    answered: (replica: string | undefined, askedMs: number) => void,
  ) {
    this.#service = service
    this.#stacks = stacks
    this.#answered = answered
  }

  /** Runs this many visitors at once, until `leave`. */
  async come(count: number): Promise<void> {
    const stacks = this.#stacks
    await Promise.all(Array.from({ length: count }, (_, i) => this.#visit(at(stacks, i % stacks.length))))
  }

  leave(): void {
    this.#isOver = true
  }

  async #visit(stack: Stack): Promise<void> {
    while (!this.#isOver) {
      const askedMs = performance.now()
      try {
        const answer = await this.#ask(stack)
        this.#answered(answer.slice(0, answer.indexOf(':')), askedMs)
      } catch (error) {
        this.failures.push(String(error))
        this.#answered(undefined, askedMs)
      }
    }
  }

  async #ask(stack: Stack): Promise<string> {
    const asking: ClientRequest = request({
      createConnection: () => connect({ service: this.#service, stack }) as Duplex,
      headers: { connection: 'close' },
    })
    asking.end()
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    return text(answer)
  }
}
