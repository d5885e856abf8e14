/**
 * An append-only file of lines with checksums. They distinguish an unfinished last line after a crash, which is cut
 * off, from damage, which is rejected.
 */
import { fstatSync, fsyncSync, ftruncateSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { RegistryError } from './errors.ts'

/** Before the text of a line. */
const PREFIX = 9

/** `8f3a12bc {"key":...}` */
const encode = (text: string): string => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`

/** Returns undefined for a line that `encode` did not write. */
function decode(line: string): string | undefined {
  const text = line.slice(PREFIX)
  return line[8] === ' ' && encode(text) === `${line}\n` ? text : undefined
}

/** A journal, as a registry uses it. */
export interface JournalFile {
  /** The number of lines in the file and waiting. */
  readonly length: number
  /** Resolves when the line is on the disk. */
  add(text: string): Promise<void>
  /** Removes the lines that do not count any more, atomically. */
  compact(): Promise<void>
  close(): Promise<void>
}

/** Returns whether a line still counts. Others may be removed. */
export type IsCurrent = (text: string) => boolean

export class Journal implements JournalFile {
  readonly path: string
  /** The number of lines in the file and waiting. */
  length: number
  /** Bytes cut off at the end when the file was opened. */
  readonly cutBytes: number
  readonly #isCurrent: IsCurrent
  #file: FileHandle
  #waiting: string[] = []
  #last: Promise<void> = Promise.resolve()
  #isQueued = false
  /** A write has failed half way: nothing may be written after it. */
  #isTorn = false

  private constructor(path: string, file: FileHandle, { lines, cutBytes }: Read, isCurrent: IsCurrent) {
    this.path = path
    this.#file = file
    this.#isCurrent = isCurrent
    this.length = lines.length
    this.cutBytes = cutBytes
  }

  /** Resolves to the journal and its lines. Rejects with REGISTRY_FILE, REGISTRY_DAMAGED. */
  static async open(path: string, isCurrent: IsCurrent): Promise<{ journal: Journal; lines: string[] }> {
    let file: FileHandle | undefined
    try {
      file = await open(path, 'a+', 0o600)
      const found = read(path, file.fd)
      if (found.cutBytes > 0) ftruncateSync(file.fd, found.soundBytes)
      return { journal: new Journal(path, file, found, isCurrent), lines: found.lines }
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

  /** Removes the lines that do not count any more, atomically: a reader finds the old file or the new one. */
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
    if (this.#isTorn) return this.#mend()
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

  /** Writes a new file. If that fails, the lines that waited are forgotten: their writers learn that they were refused. */
  async #mend(): Promise<void> {
    const { length } = this.#waiting
    try {
      await this.#rewrite()
    } catch (error) {
      this.#waiting.splice(0, length)
      this.length -= length
      throw error
    }
  }

  async #rewrite(): Promise<void> {
    const besides = `${this.path}.new`
    let other: FileHandle | undefined
    try {
      // Creates a new file, so that no planted link is followed.
      rmSync(besides, { force: true })
      other = await open(besides, 'ax+', 0o600)
      const { bytes, count } = this.#current()
      writeFileSync(other.fd, bytes)
      writeFileSync(other.fd, this.#waiting.join(''))
      fsyncSync(other.fd)
      renameSync(besides, this.path)
      // At once: after a failure in between, later lines would go to the old file, which has no name any more.
      const old = this.#file
      this.#file = other
      other = old
      this.length = count + this.#waiting.length
      this.#waiting = []
      this.#isTorn = false
    } catch (error) {
      throw asFileError(this.path, error)
    } finally {
      await other?.close().catch(() => {})
    }
  }

  /** Returns the lines of the file that count, and their number. Memory holds none of them. */
  #current() {
    const bytes = bytesOf(this.#file.fd)
    let [size, count] = [0, 0]
    eachLine(this.path, bytes, (text, from, end) => {
      if (!this.#isCurrent(text)) return
      bytes.copyWithin(size, from, end)
      size += end - from
      count++
    })
    return { bytes: bytes.subarray(0, size), count }
  }
}

interface Read {
  readonly lines: string[]
  readonly soundBytes: number
  readonly cutBytes: number
}

function read(path: string, fd: number): Read {
  const bytes = bytesOf(fd)
  const lines: string[] = []
  const soundBytes = eachLine(path, bytes, text => lines.push(text))
  return { lines, soundBytes, cutBytes: bytes.length - soundBytes }
}

/**
 * Calls `hear` with the text of each sound line, and where the line begins and ends. Returns where the last one ends. Throws
 * REGISTRY_DAMAGED.
 */
function eachLine(
  path: string,
  bytes: Buffer,
  hear: (text: string, from: number, end: number) => void,
): number {
  let [at, count] = [0, 0]
  for (;;) {
    const end = bytes.indexOf(0x0a, at)
    const text = end < 0 ? undefined : decode(bytes.toString('utf8', at, end))
    if (text === undefined) break
    hear(text, at, end + 1)
    at = end + 1
    count++
  }
  if (hasSoundLine(bytes, at))
    throw new RegistryError(
      'REGISTRY_DAMAGED',
      `line ${count + 1} of ${path} is damaged, and sound ones follow; move the file away, and hosts register anew`,
    )
  return at
}

/** Reads a whole file through its descriptor, also one that was moved or removed. */
function bytesOf(fd: number): Buffer {
  const bytes = Buffer.allocUnsafe(fstatSync(fd).size)
  let size = 0
  while (size < bytes.length) {
    const count = readSync(fd, bytes, size, bytes.length - size, size)
    if (count === 0) break
    size += count
  }
  return bytes.subarray(0, size)
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
