/** The ways in which `serval listen` serves a connection. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { connect } from 'node:net'
import { childEnvironment } from '../../impl/controller/childEnvironment.ts'
import { endGroup } from '../../impl/controller/processGroup.ts'
import type { Socket } from '../../impl/sockets/index.ts'
import { SPLICED, splice } from '../../impl/sockets/splice.ts'
import { unreadable } from '../files.ts'
import { CommandLimits } from './commandLimits.ts'
import { say } from './say.ts'
import { relayStdio } from './stdio.ts'
import { tcpEndpointOf } from './tcpEndpoint.ts'

export interface Provided {
  readonly echo?: boolean
  readonly file?: string
  readonly tcp?: string
  readonly exec?: string
  /** Commands that `exec` runs at once. */
  readonly execLimit?: number
}

export interface Provider {
  /** Serves one connection. Rejects with the error that broke it. */
  serve(socket: Socket, signal: AbortSignal): Promise<void>
  /** The first connection is the only one. */
  readonly isOnce: boolean
}

/** Rejects with CLI_READ, CLI_ENDPOINT. */
export async function providerOf({ echo, file, tcp, exec, execLimit }: Provided): Promise<Provider> {
  if (echo) return { serve: serveEcho, isOnce: false }
  if (file !== undefined) return serveFile(file)
  if (tcp !== undefined) return serveTcp(tcp)
  if (exec !== undefined) return serveCommand(exec, execLimit)
  return { serve: relayStdio, isOnce: true }
}

const serveEcho = (socket: Socket, signal: AbortSignal): Promise<void> =>
  splice(socket, { source: socket, sink: undefined }, signal)

async function serveFile(path: string): Promise<Provider> {
  try {
    const file = await open(path)
    const isFolder = (await file.stat()).isDirectory()
    await file.close()
    if (isFolder) throw Object.assign(new Error(path), { code: 'EISDIR' })
  } catch (error) {
    throw unreadable(path, error)
  }
  return {
    isOnce: false,
    async serve(socket, signal) {
      const source = createReadStream(path)
      await splice(socket, { source, sink: undefined }, signal).finally(() => source.destroy())
    },
  }
}

function serveTcp(text: string): Provider {
  const endpoint = tcpEndpointOf(text)
  return {
    isOnce: false,
    async serve(socket, signal) {
      const tcp = connect({ ...endpoint, ...SPLICED })
      try {
        await splice(socket, { source: tcp, sink: tcp }, signal)
      } catch (error) {
        tcp.resetAndDestroy()
        throw error
      }
    },
  }
}

/** A shell runs the command. It may end before it has read everything; the rest is dropped. */
function serveCommand(command: string, most?: number): Provider {
  const limits = new CommandLimits(most)
  let isFull = false
  return {
    isOnce: false,
    async serve(socket, signal) {
      const ended = limits.begin(socket.remoteAddress ?? '', performance.now())
      if (ended === undefined) {
        if (!isFull) say('as many commands run as may, or they are started too fast: clients are turned away')
        isFull = true
        socket.resetAndDestroy()
        return
      }
      isFull = false
      await runCommand(command, socket, signal, ended)
    },
  }
}

async function runCommand(
  command: string,
  socket: Socket,
  signal: AbortSignal,
  ended: () => void,
): Promise<void> {
  const child: ChildProcess = spawn(command, {
    shell: true,
    // A group of its own: the shell's children end with it.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...childEnvironment(), SERVAL_SERVICE: socket.service, SERVAL_REMOTE: socket.remoteAddress },
  })
  child.on('exit', status => status && say(`the command ended with ${status}`))
  child.on('error', ({ message }) => say(`the command cannot be started (${message})`))
  // After its end, or when it could not be started.
  child.on('close', ended)
  const { stdin, stdout } = child
  // Without free file descriptors a child has no streams.
  if (!stdin || !stdout) {
    socket.resetAndDestroy()
    return
  }
  socket.pipe(stdin)
  stdin.on('error', () => {})
  stdin.once('close', () => socket.resume())
  try {
    await splice(socket, { source: stdout, sink: undefined }, signal)
  } catch (error) {
    await endGroup(child)
    throw error
  }
}
