/**
 * An append-only file of lines with checksums. They distinguish an unfinished last line after a crash, which is cut
 * off, from damage, which is rejected.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { RegistryError } from './errors.ts'

/** `8f3a12bc {"key":...}` */
const encode = (text: string): string => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`

/** Returns undefined for a line that `encode` did not write. */
function decode(line: string): string | undefined {
  const text = line.slice(9)
  return line[8] === ' ' && encode(text) === `${line}\n` ? text : undefined
}

/** A journal, as a registry uses it. */
export interface JournalFile {
  /** The number of lines in the file and waiting. */
  readonly length: number
  /** Resolves when the line is on the disk. */
  add(text: string): Promise<void>
  /** Replaces all lines with the complete state, atomically. */
  compact(): Promise<void>
  close(): Promise<void>
}

export class Journal implements JournalFile {
  readonly path: string
  /** The number of lines in the file and waiting. */
  length: number
  /** Bytes cut off at the end when the file was opened. */
  readonly cutBytes: number
  readonly #all: () => readonly string[]
  #file: FileHandle
  #waiting: string[] = []
  #last: Promise<void> = Promise.resolve()
  #isQueued = false
  /** A write has failed half way: nothing may be written after it. */
  #isTorn = false

  private constructor(
    path: string,
    file: FileHandle,
    { lines, cutBytes }: Read,
    all: () => readonly string[],
  ) {
    this.path = path
    this.#file = file
    this.#all = all
    this.length = lines.length
    this.cutBytes = cutBytes
  }

  /**
   * Resolves to the journal and its lines. `all` returns the lines that represent the complete state at any time.
   * Rejects with REGISTRY_FILE, REGISTRY_DAMAGED.
   */
  static async open(
    path: string,
    all: () => readonly string[],
  ): Promise<{ journal: Journal; lines: string[] }> {
    let file: FileHandle | undefined
    try {
      file = await open(path, 'a+', 0o600)
      const found = read(path)
      if (found.cutBytes > 0) ftruncateSync(file.fd, found.soundBytes)
      return { journal: new Journal(path, file, found, all), lines: found.lines }
    } catch (error) {
      await file?.close()
      throw asFileError(path, error)
    }
  }

  /** Resolves when the line is on the disk. Concurrent calls are written together. */
  add(text: string): Promise<void> {
    this.#waiting.push(encode(text))
    this.length++
    if (this.#isQueued) return this.#last
    this.#isQueued = true
    return this.#then(() => this.#write())
  }

  /** Replaces all lines with the complete state, atomically: a reader finds the old file or the new one. */
  compact(): Promise<void> {
    return this.#then(() => this.#rewrite())
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    await this.#file.close()
  }

  #then(next: () => Promise<void>): Promise<void> {
    this.#last = this.#last.catch(() => {}).then(next)
    return this.#last
  }

  async #write(): Promise<void> {
    this.#isQueued = false
    if (this.#isTorn) return this.#rewrite()
    const text = this.#waiting.join('')
    this.#waiting = []
    try {
      await this.#file.appendFile(text)
      await this.#file.datasync()
    } catch (error) {
      this.#isTorn = true
      throw asFileError(this.path, error)
    }
  }

  async #rewrite(): Promise<void> {
    const besides = `${this.path}.new`
    const lines = this.#all()
    this.#waiting = []
    try {
      // Creates a new file, so that no planted link is followed.
      rmSync(besides, { force: true })
      writeFileSync(besides, lines.map(encode).join(''), { mode: 0o600, flag: 'wx' })
      sync(besides)
      renameSync(besides, this.path)
      const file = await open(this.path, 'a')
      await this.#file.close()
      this.#file = file
      this.length = lines.length + this.#waiting.length
      this.#isTorn = false
    } catch (error) {
      throw asFileError(this.path, error)
    }
  }
}

function sync(path: string): void {
  const fd = openSync(path, 'r+')
  fsyncSync(fd)
  closeSync(fd)
}

interface Read {
  readonly lines: string[]
  readonly soundBytes: number
  readonly cutBytes: number
}

function read(path: string): Read {
  const bytes = readFileSync(path)
  const lines: string[] = []
  let at = 0
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at)
    const text = end < 0 ? undefined : decode(bytes.toString('utf8', at, end))
    if (text === undefined) break
    lines.push(text)
    at = end + 1
  }
  if (hasSoundLine(bytes, at))
    throw new RegistryError(
      'REGISTRY_DAMAGED',
      `line ${lines.length + 1} of ${path} is damaged, and sound ones follow; move the file away, and hosts register anew`,
    )
  return { lines, soundBytes: at, cutBytes: bytes.length - at }
}

/** A crash damages only the end: no valid line follows it. */
function hasSoundLine(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(0x0a, from) + 1; at > 0; ) {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0) return false
    if (decode(bytes.toString('utf8', at, end)) !== undefined) return true
    at = end + 1
  }
  return false
}

function asFileError(path: string, error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  const { code = String(error) } = error as NodeJS.ErrnoException
  return new RegistryError(
    'REGISTRY_FILE',
    `${path} cannot be used (${code}); name another file, or free its disk`,
  )
}
