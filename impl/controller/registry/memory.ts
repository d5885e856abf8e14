/** A registry inside the controller's process. With a file it survives restarts. */
import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type JsonLimits, parseJson } from '../../../checker/text/json.ts'
import { ALL_LIMIT, STANDING_LIMIT } from '../limits.ts'
import { RegistryError } from './errors.ts'
import { type IsCurrent, Journal, type JournalFile } from './journal.ts'
import { type FileLock, lockFile } from './lock.ts'
import {
  type Entry,
  KEY_LIMIT,
  KEY_PATTERN,
  type Registry,
  type RegistryEvents,
  VALUE_LIMIT,
} from './registry.ts'

export interface MemoryOptions {
  /** Without it nothing survives. */
  readonly file?: string
  /** The most entries. */
  readonly entries?: number
  /** Where the file is. Default: the file system. */
  readonly disk?: Disk
}

export interface Disk {
  readonly lock: typeof lockFile
  /** As {@link Journal.open}. */
  readonly open: (
    path: string,
    isCurrent: IsCurrent,
  ) => Promise<{ readonly journal: JournalFile; readonly lines: readonly string[] }>
}

const FILE_SYSTEM: Disk = { lock: lockFile, open: (path, isCurrent) => Journal.open(path, isCurrent) }

/** As many as the registrations and rules of a controller: about 60 MB, because the file alone holds their values. */
const ENTRIES_LIMIT = ALL_LIMIT + STANDING_LIMIT

/** The journal is rewritten when it has this many lines more than twice those that count. */
const SLACK_LINES = 4096

interface Line {
  readonly k: string
  readonly v?: string
  readonly r: number
}

/** Keeps the revisions of entries in memory, and their values in a journal if it has a file. */
export class MemoryRegistry implements Registry {
  readonly isShared: boolean = false
  readonly name: string
  readonly #file: string | undefined
  readonly #most: number
  readonly #disk: Disk
  /** The revision of each entry. */
  readonly #entries = new Map<string, number>()
  #events: RegistryEvents | undefined
  #journal: JournalFile | undefined
  #lock: FileLock | undefined
  #revision = 0
  #isCompacting = false

  constructor({ file, entries = ENTRIES_LIMIT, disk = FILE_SYSTEM }: MemoryOptions = {}) {
    this.#file = file
    this.#disk = disk
    this.#most = entries
    this.name = file === undefined ? 'memory' : `memory (${file})`
  }

  /** The length of the journal's file in lines; 0 without one. */
  get journalLines(): number {
    return this.#journal?.length ?? 0
  }

  async open(events: RegistryEvents): Promise<void> {
    const stored = this.#file === undefined ? [] : await this.#restore(this.#file)
    this.#events = events
    for (const { k, v, r } of stored) events.entry({ key: k, value: v, revision: r })
    events.reachable(true)
  }

  async put(key: string, value: string, revision: number): Promise<number> {
    this.#check(key, revision)
    if (key.length > KEY_LIMIT || !KEY_PATTERN.test(key) || value.length > VALUE_LIMIT)
      throw new RegistryError(
        'REGISTRY_FULL',
        `an entry has a key of ${KEY_LIMIT} and a value of ${VALUE_LIMIT} at most`,
      )
    if (revision === 0 && this.#entries.size >= this.#most)
      throw new RegistryError('REGISTRY_FULL', `there are ${this.#most} entries already; unregister some`)
    return this.#write({ key, value, revision: ++this.#revision })
  }

  async remove(key: string, revision: number): Promise<void> {
    this.#check(key, revision)
    await this.#write({ key, value: undefined, revision: ++this.#revision })
  }

  async close(): Promise<void> {
    this.#events = undefined
    await this.#journal?.close()
    this.#journal = undefined
    this.#lock?.release()
    this.#lock = undefined
  }

  #check(key: string, revision: number): void {
    if (this.#events === undefined)
      throw new RegistryError('REGISTRY_DOWN', 'the registry is closed; open another')
    const now = this.#entries.get(key) ?? 0
    if (now !== revision)
      throw new RegistryError(
        'REGISTRY_CONFLICT',
        `'${key}' has revision ${now}, not ${revision}; look again`,
      )
  }

  /**
   * Opens the journal, and resolves to the lines of current entries. Rejects with REGISTRY_DAMAGED for a line that no
   * registry wrote, although its checksum is valid, and with what a disk rejects with.
   */
  async #restore(file: string): Promise<Line[]> {
    this.#lock = await this.#disk.lock(file)
    try {
      const { journal, lines } = await this.#disk.open(file, this.#isCurrent)
      this.#journal = journal
      const read = lines.map((text, i) => readLine(text, `line ${i + 1} of ${file}`))
      for (const { k, v, r } of read) {
        this.#set({ key: k, value: v, revision: r })
        this.#revision = Math.max(this.#revision, r)
      }
      return read.filter(({ k, r }) => this.#entries.get(k) === r)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  readonly #isCurrent: IsCurrent = text => {
    const { k = '', r } = parseJson(text, LINE_LIMITS) as Partial<Line>
    return this.#entries.get(k) === r
  }

  /** Sets the entry at once, so that others see its revision; restores it if writing fails. */
  async #write(entry: Entry): Promise<number> {
    const { key, value, revision } = entry
    const before = this.#entries.get(key)
    this.#set(entry)
    try {
      await this.#journal?.add(encode(key, value, revision))
    } catch (error) {
      if (this.#entries.get(key) === (value === undefined ? undefined : revision)) {
        if (before === undefined) this.#entries.delete(key)
        else this.#entries.set(key, before)
      }
      throw error
    }
    this.#events?.entry(entry)
    this.#compact()
    return revision
  }

  #set({ key, value, revision }: Entry): void {
    if (value === undefined) this.#entries.delete(key)
    else this.#entries.set(key, revision)
  }

  /** If this fails, the journal stays valid, only longer than necessary. */
  #compact(): void {
    const journal = this.#journal
    if (journal === undefined || this.#isCompacting) return
    if (journal.length <= 2 * this.#entries.size + SLACK_LINES) return
    this.#isCompacting = true
    void journal
      .compact()
      .catch(() => {})
      .finally(() => {
        this.#isCompacting = false
      })
  }
}

/** A line has a value with escaped quotes, a key and a revision. */
const LINE_LIMITS: JsonLimits = { characters: 2 * (KEY_LIMIT + VALUE_LIMIT), depth: 1, values: 4 }

const lineCodec = t.intersection([t.strict({ k: t.string, r: t.Int }), t.partial({ v: t.string })])

function readLine(text: string, place: string): Line {
  try {
    const decoded = lineCodec.decode(parseJson(text, LINE_LIMITS))
    if (isRight(decoded) && decoded.right.r > 0) return decoded.right as Line
  } catch {}
  throw new RegistryError(
    'REGISTRY_DAMAGED',
    `${place} is not an entry of a registry; move the file away, and hosts register again`,
  )
}

const encode = (k: string, v: string | undefined, r: number): string =>
  JSON.stringify({ k, ...(v !== undefined && { v }), r } satisfies Partial<Line>)
