import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { scratchFolder } from '../checker/testing/scratchFolder.ts'
import { runServal } from './testing/runServal.ts'

/** The command line, the code of its error, and the part of the message that helps. */
const CASES: readonly (readonly [args: string, code: string, help: RegExp])[] = [
  ['chek', 'CLI_USAGE', /Did you mean check\?/],
  ['check --depp', 'CLI_USAGE', /Did you mean --deep\?/],
  ['models crossing', 'CLI_USAGE', /too many arguments/],
  ['replay', 'CLI_USAGE', /missing required argument 'trace'/],
  ['example', 'CLI_EXAMPLE', /there are mobile-client/],
  ['example mobile-clint', 'CLI_EXAMPLE', /did you mean 'mobile-client'/],
  ['example mobile-client --mib 0', 'CLI_NUMBER', /from 1 to 1024/],
  ['example mobile-client -o folder', 'CLI_WRITE', /it is a folder/],
  ['check two-prty', 'CLI_MODEL', /did you mean 'two-party'/],
  ['check xyzzy', 'CLI_MODEL', /there are handshake, negotiation, flood, .*two-party/],
  ['fuzz croosing', 'CLI_MODEL', /did you mean 'crossing'/],
  ['check --defect D99', 'CLI_DEFECT', /D1, D2/],
  ['fuzz --defect nonsense', 'CLI_DEFECT', /D1, D2/],
  ['check --invariant 999', 'CLI_INVARIANT', /there are 1, mirrored-ends, 2, /],
  ['check crossing --bound capcity=1', 'CLI_BOUND', /did you mean 'capacity'/],
  ['check --bound nowhere=1', 'CLI_BOUND', /none of the models has a bound 'nowhere'/],
  ['check crossing --bound capacity=99', 'CLI_BOUND', /is 99; crossing takes 1 to 12/],
  ['check crossing --bound capacity', 'CLI_BOUND', /write name=number/],
  ['check crossing --bound capacity=-1', 'CLI_BOUND', /write name=number/],
  ['check --workers 0', 'CLI_NUMBER', /from 1 to 64/],
  ['check --memory lots', 'CLI_NUMBER', /'lots'; give a whole number/],
  ['fuzz --runs 1.5', 'CLI_NUMBER', /whole number of 1 or more/],
  ['simulate --faults mlid', 'CLI_FAULTS', /did you mean 'mild'/],
  ['simulate --defect D1', 'CLI_DEFECT', /T1, T2/],
  ['simulate --plane --defect T1', 'CLI_DEFECT', /P1, P2/],
  ['simulate --plane --faults mild', 'CLI_USAGE', /--faults does not apply to service planes; omit it/],
  ['simulate --plane --hosts 33', 'CLI_NUMBER', /from 1 to 32/],
  ['simulate plane.json', 'PLAN_NAME', /actions\[0\]\.index is 7: the plan has 0 to 1/],
  ['simulate plane.json --plane', 'CLI_USAGE', /omit --plane/],
  ['simulate --hosts 65', 'CLI_NUMBER', /from 1 to 64/],
  ['simulate good.json --seed 1', 'CLI_USAGE', /omit --seed/],
  ['simulate broken.json', 'PLAN_JSON', /cut off/],
  ['simulate later.json', 'PLAN_VERSION', /format 99/],
  ['simulate good.json', 'PLAN_SHAPE', /seed is missing/],
  ['fuzz --seed -1', 'CLI_NUMBER', /from 0 to/],
  ['check crossing two-party --promela x.pml', 'CLI_ONE_MODEL', /name one/],
  ['check crossing --trace folder', 'CLI_WRITE', /it is a folder/],
  ['check crossing --trace broken.json/deeper', 'CLI_WRITE', /broken\.json is not a folder/],
  ['visualize flow -o folder', 'CLI_WRITE', /it is a folder/],
  ['visualize flwo', 'CLI_SUBJECT', /did you mean 'flow'/],
  ['visualize flow --format pdf', 'CLI_FORMAT', /svg, mermaid, dot, html, text/],
  ['visualize good.json --format svg -o x.svg', 'CLI_FORMAT', /give html, mermaid or text/],
  ['replay nowhere.json', 'CLI_READ', /no such file/],
  ['replay folder', 'CLI_READ', /it is a folder/],
  ['replay broken.json', 'TRACE_JSON', /cut off/],
  ['visualize broken.json -o x.html', 'TRACE_JSON', /cut off/],
  ['replay later.json', 'TRACE_VERSION', /format 99/],
  ['replay shapeless.json', 'TRACE_SHAPE', /steps is missing/],
  ['replay model.json', 'TRACE_MODEL', /no model 'nothing'/],
  ['replay bound.json', 'TRACE_BOUND', /capacity of crossing is 99/],
  ['replay defect.json', 'TRACE_NAME', /no defect 'D99'/],
  ['replay step.json', 'TRACE_STEP', /'teleport'/],
  ['listen acme//x --echo', 'SERVICE_NAME', /write 1 to 8 parts/],
  [`ping ${'ab'.repeat(40)}`, 'SERVICE_DIGITS', /has 64/],
  ['listen acme/x --echo --exec date', 'CLI_USAGE', /--echo' cannot be used with .*--exec/],
  ['listen acme/x --file nowhere', 'CLI_READ', /no such file/],
  ['listen acme/x --file /', 'CLI_READ', /it is a folder/],
  ['listen acme/x --tcp nowhere', 'CLI_ENDPOINT', /127\.0\.0\.1:80/],
  ['listen acme/x --mobility fly', 'CLI_USAGE', /stay, leave, best, failover/],
  ['listen acme/x --address nowhere', 'LINK_ADDRESS', /write 127\.0\.0\.1/],
  ['connect acme/x --via 1.2.3', 'LINK_ADDRESS', /'1\.2\.3' is not an address/],
  ['connect acme/x --via 127.0.0.1:9 --tcp 70000', 'CLI_ENDPOINT', /HOST:PORT/],
  ['connect acme/x --via 127.0.0.1:0', 'LINK_ADDRESS', /port 0/],
  ['listen acme/x --dead-after 0', 'CLI_NUMBER', /from 1 to/],
  ['ping acme/x --count 0', 'CLI_NUMBER', /1 or more/],
  ['capture', 'CLI_USAGE', /--output/],
  ['migrate eth0', 'CLI_USAGE', /missing required argument 'to'/],
  ['flows --pid 0', 'CLI_NUMBER', /1 or more/],
]

const trace = {
  ...{ format: 1, title: 'nothing happens', model: 'crossing', bounds: {}, machine: '0', source: 'hand' },
  ...{ expect: 'holds', steps: [] },
}
const step = { index: 1, rule: 'teleport', choice: 'teleport', who: '', event: '' }
const plane = {
  ...{ format: 1, kind: 'plane', seed: 1, registry: 'nats', controllers: 2, routers: 1, hosts: 2 },
  ...{ services: 1, latencyMs: 5, loss: 0, calmMs: 1000 },
  actions: [{ atMs: 0, do: 'move', index: 7 }],
}
const FILES: Readonly<Record<string, unknown>> = {
  good: trace,
  later: { ...trace, format: 99 },
  shapeless: { ...trace, steps: undefined },
  model: { ...trace, model: 'nothing' },
  bound: { ...trace, bounds: { capacity: 99 } },
  plane,
  defect: { ...trace, defect: 'D99' },
  step: { ...trace, steps: [{ ...step, sent: [], fired: [], changes: {}, failed: [] }] },
}

describe('bad input', SLOW, () => {
  test.for(CASES)('serval %s: %s', async ([args, code, help]) => {
    using folder = filled()
    const before = contents(folder.path)
    const { status, stdout, stderr } = await runServal(args.split(' '), { cwd: folder.path })
    expect(stderr).toMatch(new RegExp(`^serval: ${code}: .*\n$`))
    expect(stderr).toMatch(help)
    expect([status, stdout]).toEqual([2, ''])
    expect(contents(folder.path)).toEqual(before)
  })
})

function filled(): ReturnType<typeof scratchFolder> {
  const folder = scratchFolder()
  const put = (name: string, text: string) => writeFileSync(join(folder.path, name), text)
  for (const [name, value] of Object.entries(FILES)) put(`${name}.json`, JSON.stringify(value))
  put('broken.json', JSON.stringify(trace).slice(0, -20))
  mkdirSync(join(folder.path, 'folder'))
  return folder
}

/** Every file with its text. */
const contents = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true }).map(entry =>
    entry.isFile() ? `${entry.name} ${readFileSync(join(entry.parentPath, entry.name), 'utf8')}` : entry.name,
  )
