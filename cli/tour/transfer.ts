/** Starts the tour's two processes and lets one fetch from the other, while both move. */
import { type ChildProcess, fork } from 'node:child_process'
import { CliError } from '../errors.ts'
import type { Fetched, Move, Order, Report } from './messages.ts'

export interface TransferOptions {
  readonly bytes: number
  readonly service: string
  /** The file for the client's packets, pcapng. */
  readonly packets: string
  /** The file for the client's steps. */
  readonly steps: string
  readonly progress: (bytes: number) => void
  readonly signal: AbortSignal
}

export interface Transferred extends Fetched {
  /** Whether the client received exactly the bytes that the server sent. */
  readonly isWhole: boolean
  /** Whether the client moved three times at least, and the server once. */
  readonly hasMoved: boolean
  readonly segments: number
  readonly repeated: number
}

/** Rejects with CLI_TOUR when a process fails, or is stopped. */
export function transfer(options: TransferOptions): Promise<Transferred> {
  const provider = fork(new URL('./provider.ts', import.meta.url))
  const consumer = fork(new URL('./consumer.ts', import.meta.url))
  const both = [provider, consumer]
  return new Promise<Transferred>((resolve, reject) => {
    let fetched: Fetched | undefined
    let provided: Extract<Report, { says: 'provided' }> | undefined
    const fail = (message: string): void =>
      reject(new CliError('CLI_TOUR', `${message}; check that the loopback network 127.0.0.0/8 exists`))
    const hear = (said: Report): void => {
      if (said.says === 'listening') order(consumer, { do: 'fetch', via: said.address, ...plain(options) })
      else if (said.says === 'failed') fail(said.message)
      else if (said.says === 'progress') {
        options.progress(said.bytes)
        if (said.move) order(provider, { do: 'move' })
      } else if (said.says === 'fetched') fetched = said.fetched
      else if (said.says === 'provided') provided = said
      if (fetched && provided) resolve(conclude(fetched, provided, options.bytes))
    }
    for (const child of both) {
      child.on('message', hear as (message: unknown) => void)
      child.on('error', ({ message }) => fail(message))
      child.on('exit', status => fail(`a process of the tour ended early (${status})`))
    }
    options.signal.addEventListener('abort', () => fail('stopped'), { once: true })
    order(provider, { do: 'provide', bytes: options.bytes, service: options.service })
  }).finally(() => both.forEach(child => void child.kill()))
}

const order = (child: ChildProcess, what: Order): void => void child.send(what)

const plain = ({ bytes, service, packets, steps }: TransferOptions) => ({ bytes, service, packets, steps })

const conclude = (
  fetched: Fetched,
  { sha256, sent, repeated }: Extract<Report, { says: 'provided' }>,
  bytes: number,
): Transferred => ({
  ...fetched,
  isWhole: fetched.bytes === bytes && fetched.sha256 === sha256,
  hasMoved: moves(fetched, 'client') >= CLIENT_MOVES && moves(fetched, 'server') >= SERVER_MOVES,
  segments: sent,
  repeated,
})

/** The least that the tour must show. */
const CLIENT_MOVES = 3
const SERVER_MOVES = 1

const moves = (fetched: Fetched, by: Move['who']): number =>
  fetched.moves.filter(({ who }) => who === by).length
