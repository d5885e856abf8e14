/** Runs the request of a command as a campaign. */
import { isDeepStrictEqual } from 'node:util'
import { plural } from '../../checker/text/count.ts'
import { serversName } from '../../impl/controller/registry/natsServers.ts'
import { natsOf } from '../../impl/controller/registry/registryOf.ts'
import { CliError } from '../errors.ts'
import { ProgressLine } from '../progressLine.ts'
import { otherOptions, runCampaign } from './campaign.ts'
import { codeHash } from './code.ts'
import {
  decodeRecord,
  decodeUnit,
  decodeVersion,
  encodeRecord,
  encodeUnit,
  idOf,
  type Reply,
  type Request,
  type Unit,
  unitsOf,
} from './messages.ts'
import type { Outcome } from './outcome.ts'
import { Describing } from './progress.ts'
import { Queue } from './queue.ts'

/** A request, and which of its parts the user gave. */
export interface Asked<R extends Request> {
  readonly request: R
  /** Without any options, the command continues the campaign of this name with its options. */
  readonly hasOptions: boolean
  readonly hasSeed: boolean
}

/** The request that was worked on, and for each of its jobs the outcomes of the units. */
export interface Worked<R extends Request> {
  readonly request: R
  readonly lists: readonly (readonly Outcome<Extract<Reply, { kind: R['kind'] }>>[])[]
}

/**
 * Runs a request as the campaign that `url` names, or continues that campaign. Rejects with CLI_CAMPAIGN, and with
 * REGISTRY_NAME, REGISTRY_DOWN, REGISTRY_LOGIN and REGISTRY_TLS.
 */
export async function onWorkers<R extends Request>(
  url: string,
  asked: Asked<R>,
  signal: AbortSignal,
): Promise<Worked<R>> {
  const to = natsOf(url)
  const queue = await Queue.connect(to)
  try {
    const own = encodeRecord(asked.request)
    const { bucket: name = `${asked.request.kind}-${idOf(own).slice(0, SHORT_ID)}` } = to
    const text = (await queue.record(name)) ?? own
    const request = text === own ? asked.request : continued(name, text, asked)
    const lists = unitsOf(request)
    const units = lists.flat()
    assertUnits(units)
    const line = new ProgressLine(() => performance.now())
    const describing = new Describing(units, () => performance.now())
    const address = serversName(to)
    line.say(`campaign ${name}: ${plural(units.length, 'unit')} for npx serval worker ${address}`)
    const outcomes = await runCampaign(queue, {
      ...{ name, record: text, units, signal },
      progress: (progress, fault) =>
        line.show(
          fault === undefined
            ? `${name}: ${describing.describe(progress)}`
            : `${name}: the server does not answer (${fault})`,
        ),
    })
    if (signal.aborted) line.say(`continue with: npx serval ${request.kind} --campaign ${address}/${name}`)
    return { request, lists: grouped(lists, outcomes) as Worked<R>['lists'] }
  } finally {
    await queue.close()
  }
}

/** Digits of a campaign's id in its name, if the user gives none. */
const SHORT_ID = 8

/** Returns the request of a campaign that exists, if it is the one that the user asks for. */
function continued<R extends Request>(
  name: string,
  text: string,
  { request, hasOptions, hasSeed }: Asked<R>,
): R {
  const refused = (why: string): CliError => new CliError('CLI_CAMPAIGN', `the campaign '${name}' ${why}`)
  const there = recordIn(text, refused)
  if (there.kind !== request.kind)
    throw refused(`is one of serval ${there.kind}; continue it with that command, or give another name`)
  const seeded = !hasSeed && 'seed' in there ? { ...request, seed: there.seed } : request
  if (hasOptions && !isDeepStrictEqual(there, seeded)) throw otherOptions(name)
  return there as R
}

function recordIn(text: string, refused: (why: string) => CliError): Request {
  try {
    const { code, isOurs } = decodeVersion(text)
    if (isOurs) return decodeRecord(text).request
    throw refused(`is of version ${code} and this is ${codeHash()}; run the same code, or give another name`)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw refused(`has no record that serval wrote (${(error as Error).message}); give another name`)
  }
}

/** Rejects what workers would reject, such as a unit of too many walks. Throws CLI_NUMBER. */
function assertUnits(units: readonly Unit[]): void {
  try {
    for (const unit of units) decodeUnit(encodeUnit('', 0, unit))
  } catch (error) {
    throw new CliError('CLI_NUMBER', `the campaign would be too large: ${(error as Error).message}`)
  }
}

/** Returns the items of `flat` in lists of the same lengths as `lists`. */
function grouped<A, B>(lists: readonly (readonly A[])[], flat: readonly B[]): B[][] {
  let from = 0
  return lists.map(({ length }) => {
    from += length
    return flat.slice(from - length, from)
  })
}
