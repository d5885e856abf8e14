/**
 * Campaigns on NATS JetStream. Each has a bucket with its record and the replies, and a stream with the units that nobody
 * has finished: a work queue with one message for each unit. This file knows nothing of what units are.
 */
import {
  AckPolicy,
  DiscardPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
} from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import { type NatsConnection, nanos } from '@nats-io/transport-node'
import {
  ANSWER_MS,
  connectTo,
  type NatsServers,
  natsError,
  replicasFor,
} from '../../impl/controller/registry/natsServers.ts'
import { KEPT_MS, SILENCE_MS } from './limits.ts'

/** JetStream: the stream does not exist. */
const NO_STREAM = 10059
/** JetStream: the consumer does not exist. */
const NO_CONSUMER = 10014
/** JetStream: the stream exists, made with other numbers of copies. */
const IN_USE = 10058
/** JetStream: the unit is in the queue already. */
const IS_QUEUED = /maximum messages per subject exceeded/
/** Publishes at once, so that no server is flooded. */
const PUBLISH_AT_ONCE = 256
/** The consumer that all workers share. */
const WORKERS = 'workers'
const PREFIX = 'serval-campaign-'
const STREAM = new RegExp(`^${PREFIX}([\\w-]{1,64})$`)
const SUBJECT = 'serval.campaign'
const BEATS = 'serval.worker'
const RECORD = 'record'
const REPLY = /^reply\.(\d{1,7})$/

/** A unit that a worker has taken. */
export interface Delivery {
  readonly text: string
  /** How often the unit was given to a worker, this time included. */
  readonly times: number
  /** Says that the unit is being worked on. */
  working(): void
  /** The unit is done. */
  done(): void
  /** Gives the unit back, for another worker after `delayMs`. */
  giveBack(delayMs?: number): void
}

/** A connection to the servers that campaigns are on. All but `connect` reject with what the NATS client throws. */
export class Queue {
  readonly #connection: NatsConnection
  readonly #manager: JetStreamManager
  readonly #replicas: number
  readonly #kvm: Kvm

  private constructor(connection: NatsConnection, manager: JetStreamManager, replicas: number) {
    this.#connection = connection
    this.#manager = manager
    this.#replicas = replicas
    this.#kvm = new Kvm(jetstream(connection, { timeout: ANSWER_MS }))
  }

  /** Rejects with REGISTRY_DOWN, also for a server without JetStream, REGISTRY_LOGIN and REGISTRY_TLS. */
  static async connect(to: NatsServers): Promise<Queue> {
    const connection = await connectTo(to)
    try {
      const manager = await jetstreamManager(connection, { timeout: to.answerMs ?? ANSWER_MS })
      return new Queue(connection, manager, to.replicas ?? replicasFor(connection))
    } catch (error) {
      await connection.close()
      throw natsError(to, error)
    }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  /** Returns the names of the campaigns that have units left. */
  async names(): Promise<string[]> {
    const names: string[] = []
    for await (const stream of this.#manager.streams.names(`${SUBJECT}.>`)) {
      const [, name] = STREAM.exec(stream) ?? []
      if (name !== undefined) names.push(name)
    }
    return names
  }

  /** Returns the record of a campaign; undefined if there is none. */
  async record(name: string): Promise<string | undefined> {
    try {
      const entry = await (await this.#kvm.open(PREFIX + name)).get(RECORD)
      return entry?.operation === 'PUT' ? entry.string() : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Creates a campaign, or what is missing of it. Returns the record that it has: `record` if it had none. */
  async begin(name: string, record: string): Promise<string> {
    const isThere = await this.#manager.streams.info(`KV_${PREFIX}${name}`).then(
      () => true,
      error => {
        if (isMissing(error)) return false
        throw error
      },
    )
    const options = { history: 1, ttl: KEPT_MS, replicas: this.#replicas }
    const bucket = await (isThere ? this.#kvm.open(PREFIX + name) : this.#kvm.create(PREFIX + name, options))
    await bucket.create(RECORD, record).catch(error => {
      if (!/wrong last sequence|key exists/.test(String(error))) throw error
    })
    const entry = await bucket.get(RECORD)
    return entry?.string() ?? record
  }

  /** Adds units to the queue, unless they are in it. Creates the queue if necessary. */
  async put(name: string, units: Iterable<readonly [index: number, text: string]>): Promise<void> {
    await this.#makeQueue(PREFIX + name, `${SUBJECT}.${name}.*`)
    const client = jetstream(this.#connection, { timeout: ANSWER_MS })
    let some: Promise<unknown>[] = []
    for (const [index, text] of units) {
      some.push(
        client.publish(`${SUBJECT}.${name}.${index}`, text).catch(error => {
          if (!IS_QUEUED.test(String(error))) throw error
        }),
      )
      if (some.length < PUBLISH_AT_ONCE) continue
      await Promise.all(some)
      some = []
    }
    await Promise.all(some)
  }

  /** Creates a work queue that all workers share, unless there is one. */
  async #makeQueue(name: string, subject: string): Promise<void> {
    await this.#manager.streams
      .add({
        ...{ name, subjects: [subject], retention: RetentionPolicy.Workqueue },
        // A unit that is in the queue is not added again.
        ...{ max_msgs_per_subject: 1, discard: DiscardPolicy.New, discard_new_per_subject: true },
        ...{ max_age: nanos(KEPT_MS), num_replicas: this.#replicas },
      })
      .catch(error => {
        if ((error as { code?: unknown }).code !== IN_USE) throw error
      })
    // Workers count deliveries themselves: the server would only stop delivering, and nobody would report the unit.
    await this.#manager.consumers.add(name, {
      ...{ durable_name: WORKERS, ack_policy: AckPolicy.Explicit, ack_wait: nanos(SILENCE_MS) },
      ...{ max_deliver: -1, max_ack_pending: -1 },
    })
  }

  /** Returns the number of units that are not done. */
  async left(name: string): Promise<number> {
    try {
      return (await this.#manager.streams.info(PREFIX + name)).state.messages
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
  }

  /** Removes the queue of a campaign that is done. The record and the replies stay. */
  async end(name: string): Promise<void> {
    await this.#manager.streams.delete(PREFIX + name).catch(error => {
      if (!isMissing(error)) throw error
    })
  }

  /** Takes a unit, or resolves to undefined if there is none within `waitMs`, which is 1000 or more. */
  async take(name: string, waitMs: number): Promise<Delivery | undefined> {
    const client = jetstream(this.#connection, { timeout: ANSWER_MS })
    try {
      const consumer = await client.consumers.get(PREFIX + name, WORKERS)
      const message = await consumer.next({ expires: waitMs })
      return message === null ? undefined : deliveryOf(message)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Stores a reply. With `onlyIfNone` an earlier one stays. */
  async reply(name: string, index: number, text: string, onlyIfNone = false): Promise<void> {
    const bucket = await this.#kvm.open(PREFIX + name)
    if (!onlyIfNone) await bucket.put(`reply.${index}`, text)
    else
      await bucket.create(`reply.${index}`, text).catch(error => {
        if (!/wrong last sequence|key exists/.test(String(error))) throw error
      })
  }

  /**
   * Passes all replies of a campaign to `take`, those to come too. Resolves when it has passed those that are there, to a
   * function that ends it.
   */
  async follow(name: string, take: (index: number, text: string) => void): Promise<() => void> {
    const bucket: KV = await this.#kvm.open(PREFIX + name)
    const entries = await bucket.watch()
    await new Promise<void>((resolve, reject) => {
      const pass = async (): Promise<void> => {
        for await (const entry of entries) {
          const [, index] = REPLY.exec(entry.key) ?? []
          if (index !== undefined && entry.operation === 'PUT') take(Number(index), entry.string())
          // The record at least is always there.
          if (entry.delta === 0) resolve()
        }
      }
      pass().catch(reject)
    })
    return () => entries.stop()
  }

  /** Says that a worker is alive. */
  beat(text: string): void {
    this.#connection.publish(BEATS, text)
  }

  /** Passes the beats of workers to `hear` until the connection closes. */
  hearBeats(hear: (text: string) => void): void {
    this.#connection.subscribe(BEATS, { callback: (_, message) => hear(message.string()) })
  }
}

/** Whether a campaign has no such stream, or no consumer: it ended, or the server has lost its data. */
const isMissing = (error: unknown): boolean =>
  [NO_STREAM, NO_CONSUMER].includes((error as { code?: number }).code ?? 0) ||
  /stream not found|no stream matches|consumer deleted/.test(String(error))

const deliveryOf = (message: JsMsg): Delivery => ({
  text: message.string(),
  times: message.info.deliveryCount,
  working: () => message.working(),
  done: () => message.ack(),
  giveBack: delayMs => message.nak(delayMs),
})
