/** Handles the requests of one connection to the admin socket, in order. */
import { isAbsolute } from 'node:path'
import type { Stack } from '../sockets/stack.ts'
import { CaptureFile } from './captureFile.ts'
import { AdminError } from './errors.ts'
import { countersOf, flowsOf, rulesOf, servicesOf } from './facts.ts'
import { addFlow, moveFlow, moveInterface, removeFlow } from './flows.ts'
import type { Request } from './messages.ts'
import type { Captured } from './methods.ts'
import { addRule, evict, removeRule, rulesForAll } from './rules.ts'

/** When this process began, ms since 1970. */
const sinceMs = Date.now() - process.uptime() * 1000

export class Session {
  readonly #stack: Stack
  #capture: CaptureFile | undefined

  constructor(stack: Stack) {
    this.#stack = stack
  }

  /** Returns the answer to a request. Throws, or rejects with, an AdminError. */
  answer(request: Request): object | Promise<object> {
    const stack = this.#stack
    switch (request.method) {
      case 'stack':
        return this.#whoIs()
      case 'flows':
        return flowsOf(stack, request.params.after)
      case 'services':
        return servicesOf(stack, request.params.after)
      case 'rules':
        return rulesOf(stack, request.params.after)
      case 'addRule':
        return addRule(stack, request.params)
      case 'removeRule':
        return removeRule(stack, request.params)
      case 'rulesForAll':
        return rulesForAll(stack, request.params.after)
      case 'evict':
        return evict(stack, request.params)
      case 'counters':
        return { counters: countersOf(stack) }
      case 'migrate':
        return moveFlow(stack, request.params.flow, request.params.to)
      case 'addFlow':
        return addFlow(stack, request.params)
      case 'removeFlow':
        return removeFlow(stack, request.params.flow)
      case 'moveInterface':
        return moveInterface(stack, request.params.from, request.params.to)
      case 'captureStart':
        return this.#startCapture(request.params.path)
      case 'captureState':
        return this.#captured().state()
      case 'captureStop':
        return this.#stopCapture()
      default:
        return request satisfies never
    }
  }

  #whoIs(): object {
    const { addresses, mobility, keeper } = this.#stack
    const trouble = keeper?.trouble ?? ''
    return { pid: process.pid, addresses, mobility, sinceMs, controls: keeper !== undefined, trouble }
  }

  /** The client has disconnected. */
  async close(): Promise<void> {
    const capture = this.#capture
    this.#capture = undefined
    await capture?.stop().catch(() => {})
  }

  #startCapture(path: string): object {
    if (this.#capture !== undefined)
      throw new AdminError('ADMIN_CAPTURE', 'a capture is already running; stop it first')
    if (!isAbsolute(path))
      throw new AdminError('ADMIN_CAPTURE', `'${path}' is not an absolute path; begin it with a slash`)
    this.#capture = new CaptureFile(this.#stack.taps, path)
    return {}
  }

  #captured(): CaptureFile {
    if (this.#capture !== undefined) return this.#capture
    throw new AdminError('ADMIN_CAPTURE', 'no capture is running; start one first')
  }

  #stopCapture(): Promise<Captured> {
    const capture = this.#captured()
    this.#capture = undefined
    return capture.stop()
  }
}
