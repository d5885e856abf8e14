/** Runs a campaign: puts units into its queue until every unit has an outcome. */
import { setTimeout as pause } from 'node:timers/promises'
import { CliError } from '../errors.ts'
import { codeHash } from './code.ts'
import { ALIVE_MS, MOST_WORKERS } from './limits.ts'
import { decodeReply, encodeUnit, idOf, type Reply, type Unit } from './messages.ts'
import { isFailed, type Outcome } from './outcome.ts'
import type { CampaignProgress } from './progress.ts'
import type { Queue } from './queue.ts'

/** Between two looks at a campaign, ms. */
const LOOK_MS = 1000
/** A queue that is empty in so many looks, while replies are missing, has lost units. */
const EMPTY_LOOKS = 2

export interface CampaignOptions {
  readonly name: string
  /** The text of its record. */
  readonly record: string
  readonly units: readonly Unit[]
  /** Called once a second, and for each fault of the server with its text. */
  readonly progress: (progress: CampaignProgress, fault?: string) => void
  readonly signal: AbortSignal
}

/** Returns the error of a name that is taken. */
export const otherOptions = (name: string): CliError =>
  new CliError(
    'CLI_CAMPAIGN',
    `the campaign '${name}' has other options; give none to continue it, or another name`,
  )

/**
 * Resolves to the outcome of each unit; undefined for those that `signal` cut off. Puts units that the server has lost into
 * the queue again, and waits for a server that does not answer. Several processes may run the same campaign. Rejects with
 * CLI_CAMPAIGN for a name that another campaign has.
 */
export function runCampaign(queue: Queue, options: CampaignOptions): Promise<Outcome<Reply>[]> {
  return new Running(queue, options).run()
}

class Running {
  readonly #queue: Queue
  readonly #options: CampaignOptions
  readonly #id: string
  readonly #outcomes: Outcome<Reply>[]
  #done = 0
  #fault: string | undefined
  /** Workers of this version, and when they were last heard, ms. */
  readonly #workers = new Map<string, number>()

  constructor(queue: Queue, options: CampaignOptions) {
    this.#queue = queue
    this.#options = options
    this.#id = idOf(options.record)
    this.#outcomes = options.units.map(() => undefined)
  }

  async run(): Promise<Outcome<Reply>[]> {
    const { name, signal } = this.#options
    this.#queue.hearBeats(beat => this.#hear(beat))
    while (!signal.aborted && this.#left > 0)
      try {
        await this.#followOnce()
      } catch (error) {
        if (error instanceof CliError) throw error
        this.#fault = (error as Error).message
        this.#tell()
        await this.#pause()
      }
    if (this.#left === 0) await this.#queue.end(name).catch(() => {})
    return this.#outcomes
  }

  get #left(): number {
    return this.#options.units.length - this.#done
  }

  /**
   * Creates what the server lacks of the campaign, and follows it while the server has what it should have. The same steps
   * begin a campaign, continue one, and mend one.
   */
  async #followOnce(): Promise<void> {
    const { name, record, signal } = this.#options
    if ((await this.#queue.begin(name, record)) !== record) throw otherOptions(name)
    const stop = await this.#queue.follow(name, (index, text) => this.#take(index, text))
    try {
      if (this.#left === 0) return
      await this.#queue.put(name, this.#missing())
      this.#fault = undefined
      for (let empty = 0; empty < EMPTY_LOOKS && this.#left > 0 && !signal.aborted; ) {
        this.#tell()
        await this.#pause()
        empty = (await this.#queue.left(name)) === 0 ? empty + 1 : 0
      }
    } finally {
      stop()
    }
  }

  /** The messages of units without an outcome. */
  *#missing(): Generator<readonly [number, string]> {
    for (const [index, unit] of this.#options.units.entries())
      if (this.#outcomes[index] === undefined) yield [index, encodeUnit(this.#id, index, unit)]
  }

  /** Takes a reply. Ignores one of an earlier campaign with this name. A result replaces a failure. */
  #take(index: number, text: string): void {
    const unit = this.#options.units[index]
    const before = this.#outcomes[index]
    if (unit === undefined || (before !== undefined && !isFailed(before))) return
    const outcome = this.#outcomeIn(index, unit, text)
    if (outcome === undefined) return
    if (before === undefined) this.#done++
    this.#outcomes[index] = outcome
  }

  #outcomeIn(index: number, unit: Unit, text: string): Outcome<Reply> {
    try {
      const message = decodeReply(text)
      if (message.of !== this.#id) return undefined
      if ('failed' in message) return { failed: `unit ${index}: ${message.failed}` }
      if (message.reply.kind === unit.kind && message.index === index) return message.reply
      throw new Error(`it is of another unit`)
    } catch (error) {
      return { failed: `unit ${index}: the reply of a worker is invalid: ${(error as Error).message}` }
    }
  }

  #hear(beat: string): void {
    const [, worker, code] = /^([0-9a-f]{8}) ([0-9a-f]{16})$/.exec(beat) ?? []
    if (worker === undefined || code !== codeHash()) return
    if (this.#workers.has(worker) || this.#workers.size < MOST_WORKERS)
      this.#workers.set(worker, performance.now())
  }

  #tell(): void {
    const silent = performance.now() - ALIVE_MS
    for (const [worker, heard] of this.#workers) if (heard < silent) this.#workers.delete(worker)
    this.#options.progress({ outcomes: this.#outcomes, workers: this.#workers.size }, this.#fault)
  }

  /** Waits until the next look, or until the campaign is cut off. */
  async #pause(): Promise<void> {
    await pause(LOOK_MS, undefined, { signal: this.#options.signal }).catch(() => {})
  }
}
