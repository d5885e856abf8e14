/**
 * The service plane: controllers, at which hosts register their services, and agents, which register them for a host.
 * ```ts
 * const controller = await new Controller({ stack, registry: new MemoryRegistry() }).open()
 * const agent = new Agent({ stack: other, controllers: stack.addresses, delays: true })
 * await agent.connected()
 * ```
 */
export { Agent } from './agent.ts'
export type { AgentOptions } from './agentOptions.ts'
export { Authority, type AuthorityOptions } from './authority/authority.ts'
export { Controller } from './controller.ts'
export { type ControllerAt, controllerAt } from './controllerAt.ts'
export type { ControllerOptions } from './controllerOptions.ts'
export type { Credential } from './credentials.ts'
export { type Directory, listInstances, readDirectory } from './directory.ts'
export { PlaneError, type RefusalCode } from './errors.ts'
export { CONTROLLER_SERVICE, type Listed, type Summary } from './messages.ts'
export { RegistryError } from './registry/errors.ts'
export { MemoryRegistry } from './registry/memory.ts'
export { NatsRegistry } from './registry/nats.ts'
export type { Registry } from './registry/registry.ts'
export { registryOf } from './registry/registryOf.ts'
