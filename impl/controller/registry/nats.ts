/**
 * A registry in NATS, shared by several controllers: a bucket of JetStream's key-value store, replicated like its
 * server. A key's revision is the sequence number of its last message in the stream.
 */
import { RegistryError } from './errors.ts'
import { type NatsBucket, type NatsEntry, type NatsOptions, type NatsSession, sessionAt } from './natsSession.ts'
import { natsError, serversName } from './natsServers.ts'
import type { Registry, RegistryEvents } from './registry.ts'

/** Removed keys leave a marker for watchers. After this many removals, markers of this age are purged, ms. */
const PURGE_EVERY = 1024
const MARKER_MS = 600_000

/** JetStream: the key has a newer message. */
const WRONG_SEQUENCE = 10071
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
  #removals = 0
  /** The keys that were last reported as present. */
  readonly #known = new Set<string>()
  #watch: { stop(): void } | undefined

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

  /** Creates the bucket if necessary, reports all its entries, and reports earlier entries that are missing as removed. */
  async #begin(session: NatsSession): Promise<void> {
    const kv = await session.bucket()
    const unseen = new Set(this.#known)
    this.#watch?.stop()
    const iterator = await kv.watch()
    this.#watch = iterator
    await new Promise<void>((resolve, reject) => {
      const tell = async (): Promise<void> => {
        for await (const entry of iterator) {
          unseen.delete(entry.key)
          this.#tell(entry)
          if (entry.delta === 0) resolve()
        }
      }
      tell().catch(reject)
      // An empty bucket reports nothing.
      void kv.status().then(({ values }) => values === 0 && resolve(), reject)
    })
    for (const key of unseen) this.#forget(key, 0)
    this.#kv = kv
    void kv.purgeDeletes(MARKER_MS).catch(() => {})
  }

  /** Follows the state of the connection until it is closed. */
  async #follow(session: NatsSession): Promise<void> {
    for await (const { type } of session.status()) {
      if (type === 'disconnect') this.#reach(false)
      else if (type === 'reconnect')
        await this.#begin(session).then(
          () => this.#reach(true),
          () => void session.reconnect().catch(() => {}),
        )
    }
  }

  #reach(isReachable: boolean): void {
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
