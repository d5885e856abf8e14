/** The stack of sockets and servers that name none, created for the first of them. */
import { Stack } from './stack.ts'

let shared: Stack | undefined

/** Uses all addresses of the machine, each with a port chosen by the system. */
export function defaultStack(): Stack {
  shared ??= new Stack()
  return shared
}

/** Makes this stack the default for sockets and servers that name none. */
export function setDefaultStack(stack: Stack): void {
  shared = stack
}
