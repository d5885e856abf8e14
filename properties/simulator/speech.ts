/** The bytes that an application writes and reads through a transport, checked one by one. */
import { DatagramTransport } from '../../impl/transport/datagram.ts'
import type { SchedulerName } from '../../impl/transport/stream/bundle/scheduler.ts'
import type { StreamOptions } from '../../impl/transport/stream/options.ts'
import { Stream } from '../../impl/transport/stream/stream.ts'
import type { Transport } from '../../impl/transport/transport.ts'
import { agreeing, Digest, fill } from './pattern.ts'

export interface Speech {
  readonly transport: Transport
  /** Bytes of a stream, or messages. */
  readonly said: Digest
  readonly heard: Digest
  say(bytes: number): void
  /** Reads all that is there. Returns what is wrong with it, in words. */
  hear(peer: Speech | undefined): string | undefined
  /** Whether what the peer said has arrived, as far as the transport promises it. */
  hasHeardAll(peer: Speech): boolean
  /** Called when there is something to hear, or nothing more will come. */
  onWork: () => void
}

export type Protocol = 'stream' | 'datagram'

export interface SpeechOptions {
  readonly salt: number
  readonly peerSalt: number
  /** Bytes of the longest packet of the link. */
  readonly packetBytes: number
  /** Options of streams that a defect sets. */
  readonly stream?: Partial<StreamOptions> | undefined
  /** 32 bits, drawn for each stream. */
  readonly initialSequence: number
  /** How messages choose their flow. */
  readonly scheduler?: SchedulerName | undefined
  /** The network duplicates nothing: no message arrives twice. */
  readonly isOnce: boolean
  /** The network, and what is done to the flow, lose nothing: every message arrives. */
  readonly isLossless: boolean
}

export const speech = (protocol: Protocol, options: SpeechOptions): Speech =>
  protocol === 'stream' ? new StreamSpeech(options) : new DatagramSpeech(options)

/** SAL's base header and TCP's without options. */
const HEADERS_BYTES = 12 + 20

class StreamSpeech implements Speech {
  readonly transport: Stream
  readonly said = new Digest()
  readonly heard = new Digest()
  onWork = (): void => {}
  readonly #options: SpeechOptions

  constructor(options: SpeechOptions) {
    this.#options = options
    const { initialSequence, packetBytes, stream } = options
    this.transport = new Stream({ initialSequence, mss: packetBytes - HEADERS_BYTES, ...stream })
    this.transport.user = { onReadable: () => this.onWork() }
  }

  say(bytes: number): void {
    const piece = fill(new Uint8Array(bytes), this.#options.salt, this.said.bytes)
    this.said.add(piece)
    this.transport.write(piece)
  }

  hear(peer: Speech | undefined): string | undefined {
    for (let piece = this.transport.read(); piece !== undefined; piece = this.transport.read()) {
      const at = this.heard.bytes
      const right = agreeing(piece, this.#options.peerSalt, at)
      this.heard.add(piece)
      if (right < piece.length) return `byte ${at + right} is another one than was written`
      if (this.heard.bytes > (peer?.said.bytes ?? 0))
        return `${this.heard.bytes} bytes were read, and ${peer?.said.bytes ?? 0} written`
    }
    return undefined
  }

  hasHeardAll(peer: Speech): boolean {
    return this.heard.bytes === peer.said.bytes && this.heard.value() === peer.said.value()
  }
}

/** A message says where in the sequence of its sender's bytes it is from. */
const PLACE_BYTES = 4
/** Fits any link. */
const MESSAGE_BYTES = 1200

class DatagramSpeech implements Speech {
  readonly transport = new DatagramTransport()
  readonly said = new Digest()
  readonly heard = new Digest()
  onWork = (): void => {}
  readonly #options: SpeechOptions
  /** By place, the lengths of messages that were taken for sending. */
  readonly messages = new Map<number, number>()
  /** The places of messages that have arrived. */
  readonly #arrived = new Set<number>()

  constructor(options: SpeechOptions) {
    this.#options = options
    this.transport.scheduler = options.scheduler ?? this.transport.scheduler
    this.transport.user = { onReadable: () => this.onWork() }
  }

  say(bytes: number): void {
    for (let left = bytes; left > 0; left -= MESSAGE_BYTES) this.#sayOne(Math.min(left, MESSAGE_BYTES))
  }

  #sayOne(length: number): void {
    const at = this.said.bytes
    const message = new Uint8Array(PLACE_BYTES + length)
    new DataView(message.buffer).setUint32(0, at)
    fill(message.subarray(PLACE_BYTES), this.#options.salt, at)
    this.said.add(message.subarray(PLACE_BYTES))
    if (this.transport.write(message)) this.messages.set(at, length)
  }

  hear(peer: Speech | undefined): string | undefined {
    for (let message = this.transport.read(); message !== undefined; message = this.transport.read()) {
      if (message.length < PLACE_BYTES) return `a message of ${message.length} bytes was never written`
      const at = new DataView(message.buffer, message.byteOffset).getUint32(0)
      const text = message.subarray(PLACE_BYTES)
      this.heard.add(text)
      if ((peer as DatagramSpeech | undefined)?.messages.get(at) !== text.length)
        return `a message of ${text.length} bytes at ${at} was never written`
      if (agreeing(text, this.#options.peerSalt, at) < text.length)
        return `the message at ${at} has other bytes than were written`
      if (this.#options.isOnce && this.#arrived.has(at)) return `the message at ${at} has arrived twice`
      this.#arrived.add(at)
    }
    return undefined
  }

  /** Datagrams promise nothing more than their network. */
  hasHeardAll(peer: Speech): boolean {
    return !this.#options.isLossless || this.#arrived.size === (peer as DatagramSpeech).messages.size
  }
}
