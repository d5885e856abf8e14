/** Does to a service plane what its plan says. An action without a meaning at its time does nothing. */
import { at } from '../../../checker/text/at.ts'
import { order } from '../../../impl/controller/evictions.ts'
import type { Member } from './member.ts'
import { ControllerMember, type HostMember } from './members.ts'
import type { PlaneAction } from './plan.ts'
import { AGREE_MS, type World } from './world.ts'

type Of<K extends PlaneAction['do']> = Extract<PlaneAction, { readonly do: K }>

export function act(world: World, action: PlaneAction): void {
  switch (action.do) {
    case 'kill':
    case 'start':
    case 'stop':
    case 'cut':
    case 'skew':
      onMember(world, world.member(action.role, action.index), action)
      break
    case 'leave':
    case 'weigh':
    case 'move':
      onHost(world, at(world.hosts, action.index), action)
      break
    case 'outage':
      world.block(action.do, action.forMs)
      if (!action.keepsData) world.lose()
      break
    case 'full':
    case 'election':
      world.block(action.do, action.forMs)
      break
    case 'endWatches':
      world.nats.endWatches()
      break
    case 'rule':
      rule(world, action)
      break
    case 'evict':
    case 'admit':
      evict(world, action)
      break
    default:
      action satisfies never
  }
}

function onMember(
  world: World,
  member: Member,
  action: Of<'kill' | 'start' | 'stop' | 'cut' | 'skew'>,
): void {
  const { time, now } = world
  if (action.do === 'start') {
    if (member.isUp) return
    if (member instanceof ControllerMember && world.plan.registry === 'embedded' && !action.keepsFiles)
      world.lose()
    member.start()
  } else if (!member.isUp) return
  else if (action.do === 'kill') member.kill()
  else if (action.do === 'skew') member.process.skewMs = action.ms
  else if (action.do === 'cut') {
    member.isCut = true
    time.at(now + action.forMs, () => {
      member.isCut = false
      world.changed(member)
    })
  } else suspend(world, member, action.forMs)
  world.changed(member)
}

function suspend(world: World, member: Member, forMs: number): void {
  const { process } = member
  const { time, now } = world
  process.stop()
  time.at(now + forMs, () => {
    for (const work of process.continue()) work()
    if (member.process === process) world.changed(member)
  })
}

function onHost(world: World, host: HostMember, action: Of<'leave' | 'weigh' | 'move'>): void {
  if (!host.isUp) return
  if (action.do === 'leave') host.leave()
  else if (action.do === 'weigh') host.weigh(action.weight)
  else host.move()
  world.changed(host)
}

/** An operator's rule counts once a controller has confirmed it. */
function rule(world: World, { index, controller: number, weight }: Of<'rule'>): void {
  const { service, addressText: address } = at(world.hosts, index)
  const { controller, process } = at(world.controllers, number)
  if (controller === undefined) return
  world.changedMs = world.now
  world.time.as(process, () => {
    void controller.ledger.addRule({ prefix: service, kind: 'forward', address, weight }).then(
      () => {
        world.ruled.set(address, weight)
        world.changedMs = world.now
      },
      () => {},
    )
  })
}

/**
 * An order concerns the instance that the controllers know at its address, so it is given only for a host that has been well for
 * long enough. Its outcome is certain only if a controller has confirmed it, and the host has not started again meanwhile.
 */
function evict(world: World, { do: kind, index, controller: number }: Of<'evict' | 'admit'>): void {
  const host = at(world.hosts, index)
  const { controller, process: operated } = at(world.controllers, number)
  const isSettled = host.isUp && !host.isCut && world.now - host.changedMs > AGREE_MS
  if (controller === undefined || !isSettled || host.isEvicted === undefined) return
  const { process, service, addressText } = host
  const was = host.isEvicted
  host.isEvicted = undefined
  world.changed(host)
  world.time.as(operated, () => {
    void order(controller.ledger, kind === 'evict' ? 'EVICT' : 'ADMIT', service, addressText).then(
      () => {
        if (host.process !== process) return
        host.isEvicted = kind === 'evict'
        world.changed(host)
      },
      ({ code }: { readonly code?: string }) => {
        if (host.process === process && code === 'CONTROLLER_INSTANCE') host.isEvicted = was
      },
    )
  })
}
