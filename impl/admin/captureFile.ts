/** Writes the packets of a running stack to a file that Wireshark reads, until it is stopped. */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  createWriteStream,
  fchmodSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type WriteStream,
} from 'node:fs'
import { captureBlocks, captureHeader } from '../link/pcapng.ts'
import type { Tap } from '../link/tap.ts'
import { AdminError } from './errors.ts'
import type { Captured } from './methods.ts'

/** Bytes that may wait for the disk. Beyond this, packets are omitted and counted, because the stack does not wait. */
const WAITING_LIMIT = 16 * 2 ** 20

/** Only the owner may read other people's packets. */
const FILE_MODE = 0o600

export class CaptureFile {
  readonly #taps: Set<Tap>
  readonly #path: string
  readonly #file: WriteStream
  #failure: Error | undefined
  #packets = 0
  #bytes = 0
  #lost = 0

  /** Begins immediately, with a new file in place of any existing one. Throws ADMIN_CAPTURE. */
  constructor(taps: Set<Tap>, path: string) {
    this.#taps = taps
    this.#path = path
    try {
      this.#file = createWriteStream(path, { fd: openInPlaceOf(path) })
    } catch (error) {
      throw this.#failed(error)
    }
    this.#file.on('error', error => {
      this.#failure = error
      taps.delete(this.#tap)
    })
    this.#file.write(captureHeader())
    taps.add(this.#tap)
  }

  state(): Captured {
    return { packets: this.#packets, bytes: this.#bytes, lost: this.#lost }
  }

  /** Resolves when everything is in the file. Rejects with ADMIN_CAPTURE. */
  async stop(): Promise<Captured> {
    this.#taps.delete(this.#tap)
    // After a failure, such as a full disk, the file is already closed.
    if (!this.#file.closed) await new Promise<void>(resolve => this.#file.once('close', resolve).end())
    if (this.#failure !== undefined) throw this.#failed(this.#failure)
    return this.state()
  }

  readonly #tap: Tap = (batch, direction) => {
    if (this.#file.writableLength > WAITING_LIMIT) {
      this.#lost += batch.length
      return
    }
    const blocks = captureBlocks(batch, direction, Date.now())
    this.#packets += batch.length
    this.#bytes += blocks.length
    this.#file.write(blocks)
  }

  #failed(error: unknown): AdminError {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return new AdminError('ADMIN_CAPTURE', `${this.#path} cannot be written (${code}); name another file`)
  }
}

/**
 * Opens a new file for its owner alone, then renames it to `path`. It neither follows nor writes to an existing entry,
 * so a link planted by others leads nowhere. Throws the system's error.
 */
function openInPlaceOf(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !found.isFile())
    throw Object.assign(new Error(path), { code: 'it exists and is not a regular file' })
  const besides = `${path}.${randomBytes(6).toString('hex')}`
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
  const fd = openSync(besides, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, FILE_MODE)
  try {
    fchmodSync(fd, FILE_MODE)
    renameSync(besides, path)
    return fd
  } catch (error) {
    closeSync(fd)
    rmSync(besides, { force: true })
    throw error
  }
}
