/**
 * The numbers that the documentation claims, each beside its peer in the same run. `npm run bench` for all,
 * `npm run bench -- spin` or `-- graph` for some. Other load on the machine disturbs times, ratios less.
 */

import { compareWithSpin } from './compareSpin.ts'
import { compareWithMap } from './flowTable.ts'
import { compareWithGraph } from './graph.ts'
import { weighIdle } from './idle.ts'
import { measureLazyLoss } from './lazyLoss.ts'
import { compareLink } from './link.ts'
import { measureLiveness } from './liveness.ts'
import { compareLoss } from './loss.ts'
import { measurePlane } from './plane.ts'
import { measurePlaneScale } from './planeScale.ts'
import { compareRelay } from './relay.ts'
import { compareRouter } from './router.ts'
import { compareWithMaps } from './serviceTable.ts'
import { compareSockets } from './sockets.ts'
import { measureStream } from './stream.ts'
import { compareWithNaive } from './wire.ts'

const benches: Readonly<Record<string, () => Promise<string>>> = {
  'flow-table': compareWithMap,
  graph: compareWithGraph,
  idle: weighIdle,
  'lazy-loss': measureLazyLoss,
  link: compareLink,
  liveness: measureLiveness,
  loss: compareLoss,
  plane: measurePlane,
  'plane-scale': measurePlaneScale,
  relay: compareRelay,
  router: compareRouter,
  sockets: compareSockets,
  'service-table': compareWithMaps,
  spin: compareWithSpin,
  stream: measureStream,
  wire: compareWithNaive,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find(name => !(name in benches))
if (unknown !== undefined) {
  console.error(
    `BENCH_UNKNOWN: there is no benchmark '${unknown}'; there are ${Object.keys(benches).join(', ')}`,
  )
  process.exit(2)
}
for (const [name, run] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`${await run()}\n`)
}
