/** A flow of the plan, with both its ends, and what excuses its failing. */
import { must } from '../../checker/text/at.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import type { Application } from './application.ts'
import type { Connect, PlannedEnd } from './plan.ts'

export class Conversation {
  readonly plan: Connect
  client: Application | undefined
  server: Application | undefined
  /** Why it need not end well; empty while nothing excuses it. */
  readonly excuses = new Set<string>()
  /** Writes and the end of writing, of a server that has not accepted yet. */
  waitingBytes: number[] = []
  waitsToFinish = false
  isPausedThere = false
  /** One of its ends has lost an address for good. */
  isUprooted = false

  constructor(plan: Connect) {
    this.plan = plan
  }

  get name(): string {
    return `flow ${this.plan.flow}`
  }

  at(end: PlannedEnd): Application | undefined {
    return end === 'client' ? this.client : this.server
  }

  get ends(): readonly Application[] {
    return [this.client, this.server].filter(end => end !== undefined)
  }

  excuse(why: string): void {
    this.excuses.add(why)
  }

  get isExcused(): boolean {
    return this.excuses.size > 0
  }

  /** Both ends have it, or one of them has it no more. */
  get isBegun(): boolean {
    return this.server !== undefined && must(this.client).flow.connection !== CONNECTION.REQUEST
  }

  say(end: PlannedEnd, bytes: number): void {
    if (end === 'server' && this.server === undefined) this.waitingBytes.push(bytes)
    else this.at(end)?.say(bytes)
  }

  /** Performs the actions that waited for the server to accept. */
  catchUp(server: Application): void {
    this.server = server
    server.isPaused = this.isPausedThere
    for (const bytes of this.waitingBytes.splice(0)) server.say(bytes)
    if (this.waitsToFinish) server.finish()
    server.hear()
  }
}
