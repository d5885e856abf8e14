/**
 * A registry in NATS, shared by several controllers: a bucket of JetStream's key-value store, replicated like its
 * server. A key's revision is the sequence number of its last message in the stream.
 */
import { RegistryError } from './errors.ts'
import { ANSWER_MS, natsError, serversName } from './natsServers.ts'
import {
  type NatsBucket,
  type NatsEntry,
  type NatsOptions,
  type NatsSession,
  sessionAt,
} from './natsSession.ts'
import type { Registry, RegistryEvents } from './registry.ts'

/** Removed keys leave a marker for watchers. After this many removals, markers of this age are purged, ms. */
const PURGE_EVERY = 1024
const MARKER_MS = 600_000

/** JetStream: the key has a newer message. */
const WRONG_SEQUENCE = 10071
type Watch = Awaited<ReturnType<NatsBucket['watch']>>

/** Keeps entries in a bucket of NATS JetStream, for any number of controllers. */
export class NatsRegistry implements Registry {
  readonly isShared = true
  readonly name: string
  readonly #options: NatsOptions
  readonly #connect: () => Promise<NatsSession>
  #session: NatsSession | undefined
  #kv: NatsBucket | undefined
  #events: RegistryEvents | undefined
  #isCut = false
  /** Counts losses of the connection or the watch. */
  #cuts = 0
  /** When the bucket was created, as its server says; empty before the first. */
  #created = ''
  #removals = 0
  /** The keys that were last reported as present. */
  readonly #known = new Set<string>()
  #watch: Watch | undefined

  /** `connect` resolves to a session with the servers; by default, that of the NATS client. */
  constructor(options: NatsOptions, connect = () => sessionAt(options)) {
    this.#options = options
    this.#connect = connect
    this.name = serversName(options)
  }

  async open(events: RegistryEvents): Promise<void> {
    this.#events = events
    try {
      this.#session = await this.#connect()
      await this.#begin(this.#session)
    } catch (error) {
      const reason = this.#asError(error)
      await this.close()
      throw reason
    }
    void this.#follow(this.#session)
    events.reachable(true)
  }

  async put(key: string, value: string, revision: number): Promise<number> {
    try {
      const kv = this.#need()
      return revision === 0 ? await kv.create(key, value) : await kv.update(key, value, revision)
    } catch (error) {
      throw this.#asError(error)
    }
  }

  async remove(key: string, revision: number): Promise<void> {
    try {
      const kv = this.#need()
      await kv.delete(key, { previousSeq: revision })
      if (++this.#removals % PURGE_EVERY === 0) void kv.purgeDeletes(MARKER_MS).catch(() => {})
    } catch (error) {
      throw this.#asError(error)
    }
  }

  async close(): Promise<void> {
    this.#events = undefined
    this.#kv = undefined
    this.#watch?.stop()
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  #need(): NatsBucket {
    if (this.#kv !== undefined && !this.#isCut) return this.#kv
    throw new RegistryError('REGISTRY_DOWN', `${this.name} does not answer; start it`)
  }

  /**
   * Creates the bucket if necessary, and reports all its entries. Reports earlier entries that are missing as removed, or
   * that the bucket is another one.
   */
  async #begin(session: NatsSession): Promise<void> {
    const kv = await session.bucket()
    const { values, streamInfo } = await kv.status()
    const { created } = streamInfo
    if (this.#created !== '' && this.#created !== created) {
      this.#known.clear()
      this.#events?.lost()
    }
    this.#created = created
    const before = this.#watch
    const watch = await kv.watch()
    this.#watch = watch
    before?.stop()
    const unseen = new Set(this.#known)
    await this.#read(session, watch, values === 0, unseen)
    for (const key of unseen) this.#forget(key, 0)
    this.#kv = kv
    void kv.purgeDeletes(MARKER_MS).catch(() => {})
  }

  /** Resolves when the watch has reported all entries. Rejects if it ends before, or falls silent. */
  #read(session: NatsSession, watch: Watch, isEmpty: boolean, unseen: Set<string>): Promise<void> {
    const { answerMs = ANSWER_MS } = this.#options
    return new Promise((resolve, reject) => {
      let [isComplete, isHeard] = [isEmpty, true]
      const timer = setInterval(() => {
        if (isComplete) clearInterval(timer)
        else if (!isHeard) watch.stop()
        isHeard = false
      }, answerMs).unref()
      const tell = async (): Promise<void> => {
        for await (const entry of watch) {
          isHeard = true
          // A later watch reports the same.
          if (this.#watch !== watch) break
          unseen.delete(entry.key)
          this.#tell(entry)
          if (entry.delta !== 0) continue
          isComplete = true
          resolve()
        }
      }
      const over = (): void => {
        clearInterval(timer)
        reject(new RegistryError('REGISTRY_DOWN', `${this.name} reports no changes any more`))
        if (isComplete && this.#watch === watch && this.#events !== undefined) void this.#resume(session)
      }
      void tell().then(over, over)
      if (isEmpty) resolve()
    })
  }

  /** Follows the state of the connection until it is closed. */
  async #follow(session: NatsSession): Promise<void> {
    for await (const { type } of session.status()) {
      if (type === 'disconnect') this.#reach(false)
      else if (type === 'reconnect') void this.#resume(session)
    }
  }

  /** Begins again after the connection or the watch has ended. If that fails, connects again. */
  async #resume(session: NatsSession): Promise<void> {
    this.#reach(false)
    const cuts = this.#cuts
    try {
      await this.#begin(session)
      if (cuts === this.#cuts) this.#reach(true)
    } catch {
      if (cuts === this.#cuts && this.#events !== undefined) await session.reconnect().catch(() => {})
    }
  }

  #reach(isReachable: boolean): void {
    if (!isReachable) this.#cuts++
    this.#isCut = !isReachable
    this.#events?.reachable(isReachable)
  }

  #tell(entry: NatsEntry): void {
    const { key, revision, operation } = entry
    if (operation !== 'PUT') {
      this.#forget(key, revision)
      return
    }
    this.#known.add(key)
    this.#events?.entry({ key, revision, value: entry.string() })
  }

  #forget(key: string, revision: number): void {
    this.#known.delete(key)
    this.#events?.entry({ key, revision, value: undefined })
  }

  #asError(error: unknown): RegistryError {
    if (error instanceof RegistryError) return error
    const { message = '', code } = error as { message?: string; code?: unknown }
    if (code === WRONG_SEQUENCE || /wrong last sequence|key exists/.test(message))
      return new RegistryError('REGISTRY_CONFLICT', 'the entry has changed; look again')
    return natsError(this.#options, error)
  }
}
