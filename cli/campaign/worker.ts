/** A worker takes units from the campaigns of a server, one at a time, until it is stopped. */
import { randomBytes } from 'node:crypto'
import { totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { Bench } from './bench.ts'
import { codeHash } from './code.ts'
import { BEAT_MS, MOST_DELIVERIES, MOST_REPLY_CHARACTERS, SIGN_MS } from './limits.ts'
import {
  decodeRecord,
  decodeUnit,
  decodeVersion,
  encodeReply,
  idOf,
  type ReplyMessage,
  type Unit,
} from './messages.ts'
import type { Delivery, Queue } from './queue.ts'

/** A server holds back an empty answer for this long, ms; and so long a worker waits where no campaign has units. */
const WAIT_MS = 1000
/** Attempts to store a reply, a pause apart: a server may restart meanwhile. Then another worker computes it again. */
const REPLY_TRIES = 60
/** Before a unit whose thread died goes to another worker, ms. */
const DIED_MS = 1000
/** Refusals that a worker remembers, so that it says each once. */
const MOST_SAID = 1000

export interface WorkerOptions {
  /** The only campaign to take from; all unless given. */
  readonly only?: string | undefined
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** Works until `signal` aborts. A unit that is being worked on then goes back into the queue. */
export async function work(queue: Queue, options: WorkerOptions): Promise<void> {
  const worker = new Worker(queue, options)
  await worker.run()
}

const MIB = 2 ** 20
/** Mebibytes that a search may take on this machine. */
const memoryMb = (): number => Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / MIB)

class Worker {
  readonly #queue: Queue
  readonly #options: WorkerOptions
  readonly #bench = new Bench()
  readonly #said = new Set<string>()

  constructor(queue: Queue, options: WorkerOptions) {
    this.#queue = queue
    this.#options = options
  }

  async run(): Promise<void> {
    const { signal } = this.#options
    const id = `${randomBytes(4).toString('hex')} ${codeHash()}`
    const beats = setInterval(() => this.#queue.beat(id), BEAT_MS)
    const stop = () => void this.#bench.stop()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        const hasWorked = await this.#round().catch(error => this.#failed(error))
        if (!hasWorked) await pause(WAIT_MS, undefined, { signal }).catch(() => {})
      }
    } finally {
      clearInterval(beats)
      signal.removeEventListener('abort', stop)
      await this.#bench.stop()
    }
  }

  /** Takes a unit from each campaign. Resolves to false if none had one. */
  async #round(): Promise<boolean> {
    const { only, signal } = this.#options
    const names = only === undefined ? await this.#queue.names() : [only]
    let hasWorked = false
    for (const name of names) {
      if (signal.aborted) break
      const record = await this.#queue.record(name)
      if (record === undefined || !this.#accepts(name, record)) continue
      const delivery = await this.#queue.take(name, WAIT_MS)
      if (delivery === undefined) continue
      await this.#serve(name, idOf(record), delivery)
      hasWorked = true
    }
    return hasWorked
  }

  /** Reports whether this worker can work on the units of a campaign. Says why not. */
  #accepts(name: string, text: string): boolean {
    try {
      const { code, isOurs } = decodeVersion(text)
      if (!isOurs) {
        this.#sayOnce(
          `${name}: refused, its units are of version ${code} and this worker has ${codeHash()}; run the same code at both ends`,
        )
        return false
      }
      const { request } = decodeRecord(text)
      if (request.kind !== 'check' || request.memoryMb <= memoryMb()) return true
      this.#sayOnce(
        `${name}: refused, a search may take ${request.memoryMb} MB and this machine has ${memoryMb()} MB`,
      )
    } catch (error) {
      this.#sayOnce(`${name}: refused, its record is not one of a campaign: ${(error as Error).message}`)
    }
    return false
  }

  async #serve(name: string, id: string, delivery: Delivery): Promise<void> {
    const message = this.#unitIn(name, id, delivery.text)
    if (message === undefined) return delivery.done()
    const { of, index, unit } = message
    if (delivery.times > MOST_DELIVERIES) {
      const failed = `${MOST_DELIVERIES} workers took the unit and none finished it`
      await this.#reply(name, { of, index, failed })
      return delivery.done()
    }
    const answer = await this.#workOn(unit, delivery)
    if (answer === undefined) {
      const { aborted } = this.#options.signal
      if (!aborted) this.#options.say(`${name}: unit ${index} ended its thread, and goes to another worker`)
      return delivery.giveBack(aborted ? 0 : DIED_MS)
    }
    if (await this.#reply(name, { of, index, ...answer })) delivery.done()
  }

  /** Decodes a unit of a campaign. Says why it is none. */
  #unitIn(name: string, id: string, text: string): ReturnType<typeof decodeUnit> | undefined {
    try {
      const message = decodeUnit(text)
      if (message.of !== id) throw new Error('it is of an earlier campaign with this name')
      const { unit } = message
      if (unit.kind === 'check' && unit.memoryMb > memoryMb())
        throw new Error(`it may take ${unit.memoryMb} MB and this machine has ${memoryMb()} MB`)
      return message
    } catch (error) {
      this.#options.say(`${name}: dropped a message that is no unit: ${(error as Error).message}`)
      return undefined
    }
  }

  async #workOn(unit: Unit, delivery: Delivery) {
    const signs = setInterval(() => delivery.working(), SIGN_MS)
    try {
      return await this.#bench.work(unit)
    } finally {
      clearInterval(signs)
    }
  }

  /** Stores a reply. Resolves to false if the server takes none for a minute. */
  async #reply(name: string, message: ReplyMessage): Promise<boolean> {
    const { signal, say } = this.#options
    const whole = encodeReply(message)
    const fits = whole.length <= MOST_REPLY_CHARACTERS
    const { of, index } = message
    const text = fits ? whole : encodeReply({ of, index, failed: `its reply has ${whole.length} characters` })
    const isFailure = !fits || 'failed' in message
    for (let attempt = 1; attempt <= REPLY_TRIES && !signal.aborted; attempt++)
      try {
        await this.#queue.reply(name, index, text, isFailure)
        say(`${name}: unit ${index} ${isFailure ? 'failed' : 'done'}`)
        return true
      } catch (error) {
        this.#failed(error)
        await pause(WAIT_MS, undefined, { signal }).catch(() => {})
      }
    return false
  }

  /** Says that the server does not answer. */
  #failed(error: unknown): false {
    this.#sayOnce(`the server does not answer (${(error as Error).message}); this worker keeps trying`)
    return false
  }

  #sayOnce(line: string): void {
    if (this.#said.has(line) || this.#said.size >= MOST_SAID) return
    this.#said.add(line)
    this.#options.say(line)
  }
}
