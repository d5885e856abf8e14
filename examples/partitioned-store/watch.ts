/** Clients ask for all keys, again and again, while a server leaves and comes back. */
import { at } from '../../checker/text/at.ts'
import { Timeline } from '../pictures/timeline.ts'
import type { Plane } from '../plane.ts'
import type { StoreClient } from './client.ts'
import { StoreServer } from './server.ts'

export const NAMES = ['a', 'b', 'c', 'd']
/** The one that leaves: that of the quarter of this number. */
const LEAVES = 1

export interface Stage {
  readonly step: string
  readonly atMs: number
  /** The server that answered for each key, when all were requested once. */
  readonly servers: Readonly<Record<string, string>>
  /** Keys that were not where they were asked for, since the stage before. */
  readonly fetched: number
}

export interface Watched {
  readonly stages: readonly Stage[]
  readonly failures: readonly string[]
  readonly timeline: Timeline
}

export class Watch {
  readonly #client: StoreClient
  readonly #keys: readonly string[]
  readonly #clients: number
  readonly #timeline = new Timeline(NAMES, () => performance.now())
  readonly #failures: string[] = []
  readonly #stages: Stage[] = []
  #fetched = 0

  /** Requests `clients` keys at once. */
  constructor(client: StoreClient, keys: number, clients: number) {
    this.#client = client
    this.#keys = Array.from({ length: keys }, (_, i) => `key-${i}`)
    this.#clients = clients
  }

  /** The servers are at the addresses `network`.11 and on. */
  async run(plane: Plane, network: string, progress: (line: string) => void): Promise<Watched> {
    const open = (i: number) => StoreServer.open(plane, at(NAMES, i), `${network}.${11 + i}`, i)
    const servers = await Promise.all(NAMES.map((_, i) => open(i)))
    const stage = async (step: string, change: () => Promise<void>): Promise<void> => {
      progress(step)
      await this.#while(change())
      const atMs = this.#timeline.nowMs
      this.#stages.push({ step, atMs, servers: await this.#askForAll(), fetched: this.#fetched })
      this.#fetched = 0
    }
    try {
      await stage('all are ready', async () => {})
      await stage('b has left', () => at(servers, LEAVES).leave())
      await stage('b is back', async () => {
        servers[LEAVES] = await open(LEAVES)
      })
    } finally {
      await Promise.all(servers.map(server => server.close()))
    }
    return { stages: this.#stages, failures: this.#failures, timeline: this.#timeline }
  }

  /** Asks until the change is made. */
  async #while(change: Promise<void>): Promise<void> {
    let isMade = false
    const made = change.finally(() => {
      isMade = true
    })
    made.catch(() => {})
    while (!isMade) await this.#askForAll(() => isMade)
    await made
  }

  /** Once for each key, unless it is over before. */
  async #askForAll(isOver = () => false): Promise<Record<string, string>> {
    const servers: Record<string, string> = {}
    const keys = [...this.#keys]
    const askOn = async (): Promise<void> => {
      for (let key = keys.pop(); key !== undefined && !isOver(); key = keys.pop())
        try {
          const { server, wasThere } = await this.#client.fetch(key)
          this.#timeline.add(server)
          if (!wasThere) this.#fetched++
          servers[key] = server
        } catch (error) {
          this.#failures.push(String(error))
        }
    }
    await Promise.all(Array.from({ length: this.#clients }, askOn))
    return servers
  }
}
