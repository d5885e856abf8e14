/** The stack of sockets and servers that name none: made when the first of them needs it. */
import { Stack } from './stack.ts'

let shared: Stack | undefined

/** All addresses of the machine, each with a port that the system chooses. */
export function defaultStack(): Stack {
  shared ??= new Stack()
  return shared
}

/** From now on sockets and servers that name no stack use this one. */
export function setDefaultStack(stack: Stack): void {
  shared = stack
}
