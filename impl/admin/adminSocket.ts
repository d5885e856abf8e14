/** The admin socket of a process. Each program that can connect to it can inspect the stack and move its flows. */
import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { Faults } from '../sockets/faults.ts'
import type { Closable, Stack } from '../sockets/stack.ts'
import { AdminError } from './errors.ts'
import { adminFolder, makeFolder, PATH_BYTES, socketPath } from './folder.ts'
import { drained, linesOf } from './lines.ts'
import { decodeRequest, encodeError, encodeResult, idOf, NO_ID, REQUEST_LIMIT } from './messages.ts'
import { Session } from './session.ts'

/** People and scripts connected at once. Each may run one capture. */
export const CONNECTIONS_LIMIT = 16

/** For the owner alone, like its folder. */
const SOCKET_MODE = 0o600

/** Faults of all connections to admin sockets in this process. */
export const faults = new Faults()

/** The paths of this process's admin sockets. */
const taken = new Set<string>()

/** Answers requests about a running stack on a Unix socket of its owner. */
export class AdminSocket implements Closable {
  readonly path: string
  readonly #stack: Stack
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** @internal Use `openAdminSocket`. */
  constructor(stack: Stack, path: string) {
    this.path = path
    this.#stack = stack
    this.#server = createServer(socket => this.#take(socket)).unref()
  }

  /** @internal Rejects with ADMIN_SOCKET. */
  async open(): Promise<void> {
    if (taken.has(this.path))
      throw new AdminError('ADMIN_SOCKET', `${this.path} is of this process; close the other socket first`)
    taken.add(this.path)
    // Removes the socket of a dead process that had the same number.
    rmSync(this.path, { force: true })
    try {
      this.#server.listen(this.path)
      await once(this.#server, 'listening')
      chmodSync(this.path, SOCKET_MODE)
    } catch (error) {
      taken.delete(this.path)
      throw new AdminError(
        'ADMIN_SOCKET',
        `${this.path} cannot be opened (${(error as NodeJS.ErrnoException).code}); stop the process that uses it`,
      )
    }
    this.#stack.users.add(this)
    process.once('exit', this.#remove)
  }

  /** Resolves when the socket is closed. */
  async close(): Promise<void> {
    this.#stack.users.delete(this)
    process.removeListener('exit', this.#remove)
    for (const socket of this.#sockets) socket.destroy()
    if (!this.#server.listening) return
    taken.delete(this.path)
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** @internal */
  closeWithStack(): void {
    void this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #remove = (): void => rmSync(this.path, { force: true })

  #take(socket: Socket): void {
    socket.on('error', () => {})
    socket.unref()
    if (this.#sockets.size >= CONNECTIONS_LIMIT) {
      socket.end(encodeError(NO_ID, 'ADMIN_BUSY', 'too many ask at once; try again'))
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    void this.#serve(socket)
  }

  async #serve(socket: Socket): Promise<void> {
    const session = new Session(this.#stack)
    socket.once('close', () => void session.close())
    try {
      // Stays open after an error, so that the client gets it before the end.
      const chunks = socket.iterator({ destroyOnReturn: false })
      for await (const line of linesOf(chunks, REQUEST_LIMIT))
        if (!socket.write(await answerTo(session, line))) await drained(socket)
    } catch (error) {
      if (!(error instanceof AdminError)) socket.destroy()
      else if (socket.writable) socket.end(encodeError(NO_ID, error.code, error.message))
      socket.destroySoon()
    }
  }
}

/** Returns the answer to a line. Rejects with an unexpected error after noting it; the connection then ends. */
async function answerTo(session: Session, line: string): Promise<string> {
  try {
    const request = decodeRequest(line)
    return encodeResult(request.id, await session.answer(request))
  } catch (error) {
    if (error instanceof AdminError) return encodeError(idOf(line), error.code, error.message)
    faults.note('a line of the admin socket', error)
    throw error
  }
}

/**
 * Opens the admin socket of this process's stack. It does not keep the process alive, and closes with the stack.
 * Rejects with ADMIN_FOLDER, ADMIN_SOCKET.
 */
export async function openAdminSocket(stack: Stack, folder = adminFolder()): Promise<AdminSocket> {
  const path = socketPath(folder, process.pid)
  if (Buffer.byteLength(path) > PATH_BYTES)
    throw new AdminError(
      'ADMIN_SOCKET',
      `${path} is longer than a socket's path may be; set XDG_RUNTIME_DIR to a shorter one`,
    )
  makeFolder(folder)
  const socket = new AdminSocket(stack, path)
  await socket.open()
  return socket
}
