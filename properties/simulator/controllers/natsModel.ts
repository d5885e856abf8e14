/**
 * A model of what JetStream guarantees: one order of all writes, a write only over the revision that it names, and
 * watches that report the last value of each key and then each change, in order. It fails as a cluster may fail.
 */
import type { NatsBucket, NatsEntry, NatsSession } from '../../../impl/controller/registry/natsSession.ts'
import type { VirtualTime } from './virtualTime.ts'

/** From a controller to the servers, one way, ms. */
const LATENCY_MS = 2
/** How long a client waits for an answer, ms. */
const ANSWER_MS = 5000
/** How soon a client notices that its server is back, at most, ms. */
const RECONNECT_MS = 500
/** JetStream: the key has a newer message. */
const WRONG_SEQUENCE = 10071

interface Message {
  readonly value: string | undefined
  readonly revision: number
}

export class NatsModel {
  /** `leaderless`: connections stand, and nothing answers. */
  state: 'up' | 'down' | 'leaderless' = 'up'
  isFull = false
  /** How often the servers have lost their data. */
  losses = 0
  readonly messages = new Map<string, Message>()
  readonly #time: VirtualTime
  readonly #chance: () => number
  readonly #sessions = new Set<Session>()
  #sequence = 0

  constructor(time: VirtualTime, chance: () => number) {
    this.#time = time
    this.#chance = chance
  }

  /** The servers fail or answer again. Answers that are under way are lost; each client notices a return in its own time. */
  become(state: NatsModel['state']): void {
    const before = this.state
    this.state = state
    if (state === 'down' && before !== 'down') for (const session of this.#sessions) session.cut()
    if (state === 'down' || before !== 'down') return
    for (const session of this.#sessions)
      this.#time.at(this.#time.now + this.#chance() * RECONNECT_MS, () => session.restore())
  }

  /** The servers lose their data. */
  clear(): void {
    this.messages.clear()
    this.#sequence = 0
    this.losses++
  }

  /** All watches end, as when their consumers are lost. */
  endWatches(): void {
    for (const session of this.#sessions) session.endWatch()
  }

  async connect(): Promise<NatsSession> {
    await answered()
    if (this.state !== 'up') throw new Error('connection refused')
    const session = new Session(this, () => this.#sessions.delete(session))
    this.#sessions.add(session)
    return session
  }

  /** Writes, and returns the revision. Throws as JetStream does. */
  write(key: string, value: string | undefined, previous: number): number {
    if (this.isFull) throw new Error('maximum bytes exceeded')
    const known = this.messages.get(key)
    // A removed key counts as absent for `create`.
    const revision = previous === 0 && known?.value === undefined ? 0 : (known?.revision ?? 0)
    if (revision !== previous) throw Object.assign(new Error('wrong last sequence'), { code: WRONG_SEQUENCE })
    const message = { value, revision: ++this.#sequence }
    this.messages.set(key, message)
    for (const session of this.#sessions) session.report(key, message)
    return message.revision
  }
}

/** Resolves after a message has gone one way. */
const answered = (): Promise<void> => new Promise(resolve => setTimeout(resolve, LATENCY_MS))

class Session implements NatsSession {
  readonly #model: NatsModel
  readonly #leave: () => void
  readonly #status = new Channel<{ type: string }>()
  #watch: Channel<NatsEntry> | undefined
  #isConnected = true
  /** Counts losses of the connection: an answer of an earlier one does not arrive. */
  #cuts = 0

  constructor(model: NatsModel, leave: () => void) {
    this.#model = model
    this.#leave = leave
  }

  async bucket(): Promise<NatsBucket> {
    await this.#ask(() => {})
    return {
      create: (key, value) => this.#ask(() => this.#model.write(key, value, 0)),
      update: (key, value, revision) => this.#ask(() => this.#model.write(key, value, revision)),
      delete: (key, { previousSeq }) => this.#ask(() => void this.#model.write(key, undefined, previousSeq)),
      status: () =>
        this.#ask(() => ({
          values: this.#model.messages.size,
          streamInfo: { created: String(this.#model.losses) },
        })),
      purgeDeletes: async () => {},
      watch: () => this.#ask(() => this.#begin()),
    }
  }

  status(): AsyncIterable<{ type: string }> {
    return this.#status
  }

  async reconnect(): Promise<void> {
    setTimeout(() => {
      if (this.#model.state === 'up') this.#status.put({ type: 'reconnect' })
      else if (this.#isConnected) void this.reconnect()
    }, RECONNECT_MS)
  }

  async close(): Promise<void> {
    this.#leave()
    this.#status.end()
    this.#watch?.end()
  }

  cut(): void {
    if (!this.#isConnected) return
    this.#isConnected = false
    this.#cuts++
    // A consumer lives in the memory of its server.
    this.#watch = undefined
    this.#status.put({ type: 'disconnect' })
  }

  restore(): void {
    if (this.#isConnected || this.#model.state === 'down') return
    this.#isConnected = true
    this.#status.put({ type: 'reconnect' })
  }

  endWatch(): void {
    this.#watch?.end()
    this.#watch = undefined
  }

  report(key: string, message: Message): void {
    this.#watch?.put(entryOf(key, message, 0))
  }

  #begin() {
    const watch = new Channel<NatsEntry>()
    let left = this.#model.messages.size
    const all = [...this.#model.messages].sort(([, a], [, b]) => a.revision - b.revision)
    for (const [key, message] of all) watch.put(entryOf(key, message, --left))
    this.#watch = watch
    return Object.assign(watch, { stop: () => watch.end() })
  }

  /** Asks the servers. Whether a request or only its answer is lost, its client cannot tell. */
  async #ask<T>(serve: () => T): Promise<T> {
    const cuts = this.#cuts
    await answered()
    if (this.#model.state !== 'up' || !this.#isConnected || cuts !== this.#cuts) return this.#lost()
    const answer = serve()
    await answered()
    return cuts === this.#cuts ? answer : this.#lost()
  }

  async #lost(): Promise<never> {
    await new Promise(resolve => setTimeout(resolve, ANSWER_MS))
    throw new Error('timeout')
  }
}

const entryOf = (key: string, { value, revision }: Message, delta: number): NatsEntry => ({
  ...{ key, revision, delta },
  operation: value === undefined ? 'DEL' : 'PUT',
  string: () => value ?? '',
})

/** Values for one reader, each of which arrives later, in order. */
class Channel<T> implements AsyncIterable<T> {
  readonly #values: T[] = []
  #wake: (() => void) | undefined
  #isOver = false

  put(value: T): void {
    this.#values.push(value)
    this.#wake?.()
  }

  end(): void {
    this.#isOver = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (!this.#isOver || this.#values.length > 0) {
      const value = this.#values.shift()
      if (value === undefined) {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        await answered()
      } else yield value
    }
  }
}
