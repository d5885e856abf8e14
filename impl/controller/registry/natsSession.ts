/** A session with NATS servers, as a registry needs it: the NATS client, or a model of it. */
import { jetstream } from '@nats-io/jetstream'
import { type Bucket, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { ANSWER_MS, connectTo, type NatsServers, replicasFor } from './natsServers.ts'

export interface NatsOptions extends NatsServers {
  /** Controllers with the same bucket share their registrations. */
  readonly bucket?: string
}

const DEFAULT_BUCKET = 'serval'

export interface NatsEntry {
  readonly key: string
  readonly revision: number
  readonly operation: 'PUT' | 'DEL' | 'PURGE'
  /** The number of entries that a new watch still has to report after this one. */
  readonly delta?: number | undefined
  string(): string
}

/** A bucket of the key-value store. Its methods reject with errors of the NATS client. */
export interface NatsBucket {
  create(key: string, value: string): Promise<number>
  update(key: string, value: string, revision: number): Promise<number>
  delete(key: string, options: { readonly previousSeq: number }): Promise<void>
  /** Reports the last entry of each key, then each change. */
  watch(): Promise<AsyncIterable<NatsEntry> & { stop(): void }>
  /** Resolves to the number of entries and of removals that are still stored, and to when the bucket was created. */
  status(): Promise<{ readonly values: number; readonly streamInfo: { readonly created: string } }>
  /** Forgets removals that are older than this, ms. */
  purgeDeletes(olderMs: number): Promise<unknown>
}

export interface NatsSession {
  /** Resolves to the bucket. Creates it if necessary, and adds copies if it has too few. */
  bucket(): Promise<NatsBucket>
  /** Reports `disconnect`, `reconnect`, and other changes. */
  status(): AsyncIterable<{ readonly type: string }>
  reconnect(): Promise<void>
  close(): Promise<void>
}

/** JetStream: the stream does not exist. */
const NO_STREAM = 10059

/** Connects with the NATS client. Rejects with REGISTRY_DOWN, REGISTRY_LOGIN and REGISTRY_TLS. */
export async function sessionAt(options: NatsOptions): Promise<NatsSession> {
  const connection = await connectTo(options)
  return {
    bucket: () => bucketOf(connection, options),
    status: () => connection.status(),
    reconnect: () => connection.reconnect(),
    close: () => connection.close(),
  }
}

async function bucketOf(connection: NatsConnection, options: NatsOptions): Promise<NatsBucket> {
  const { bucket = DEFAULT_BUCKET, answerMs = ANSWER_MS } = options
  const replicas = options.replicas ?? replicasFor(connection)
  const client = jetstream(connection, { timeout: answerMs })
  const { streams } = await client.jetstreamManager()
  const known = await streams.info(`KV_${bucket}`).catch(error => {
    if ((error as { code?: unknown }).code !== NO_STREAM) throw error
    return undefined
  })
  const isAsked = options.replicas !== undefined
  if (
    known !== undefined &&
    (isAsked ? known.config.num_replicas !== replicas : known.config.num_replicas < replicas)
  )
    await streams.update(`KV_${bucket}`, { num_replicas: replicas })
  const kvm = new Kvm(client)
  const kv = known === undefined ? kvm.create(bucket, { history: 1, replicas }) : kvm.open(bucket)
  // The declared interface lacks `purgeDeletes`.
  return (await kv) as Bucket
}
