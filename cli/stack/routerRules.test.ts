import { expect, test } from 'vitest'
import { codeOf } from '../explain.ts'
import { defaultRule, routerRuleOf } from './routerRules.ts'

test.each([
  ['acme=via 192.0.2.7', { prefix: 'acme', target: { via: '192.0.2.7' }, priority: 1, weight: 1 }],
  ['acme/a=via 192.0.2.7:54325 priority 7 weight 0', { prefix: 'acme/a', priority: 7, weight: 0 }],
  ['*=delay weight 3', { prefix: '*', target: 'delay', weight: 3 }],
  ['old=drop', { prefix: 'old', target: 'drop' }],
])('%s', (text, rule) => {
  expect(routerRuleOf(text)).toMatchObject(rule)
})

test('the default rule covers all services and decides last', () => {
  expect(defaultRule('192.0.2.7')).toEqual(routerRuleOf('*=via 192.0.2.7'))
})

test.each([
  ['', 'CLI_RULE'],
  ['acme', 'CLI_RULE'],
  ['acme=192.0.2.7', 'CLI_RULE'],
  ['acme=demux', 'CLI_RULE'],
  ['acme=via 192.0.2.7 weight -1', 'CLI_RULE'],
  ['acme=via 192.0.2.7 weight 4294967296', 'CLI_RULE'],
  ['acme=drop priority 9999999999', 'CLI_RULE'],
  ['ac me=drop', 'SERVICE_NAME'],
  ['acme=via nowhere', 'LINK_ADDRESS'],
])('%j is rejected with %s', (text, code) => {
  let thrown: unknown
  try {
    routerRuleOf(text)
  } catch (error) {
    thrown = error
  }
  expect(codeOf(thrown)).toBe(code)
})
