import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeMarkup, mermaidText, scriptJson } from './markup.ts'

test('markup cannot open a tag or a reference, or end an attribute', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      expect(escapeMarkup(text).replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[&<>"']/)
    }),
  )
  expect(escapeMarkup(`<a href="x">'&`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;')
  expect(escapeMarkup('\u0000\u001b[31m')).toBe('\ufffd\ufffd[31m')
})

test('script JSON cannot end its element, and parses to the same value', () => {
  const value = { text: '</script><!--\u2028', list: ['<', 1] }
  expect(scriptJson(value)).not.toMatch(/<|\u2028/)
  expect(JSON.parse(scriptJson(value))).toEqual(value)
})

test('Mermaid text stays one statement', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(mermaidText(text).replace(/#\d+;/g, '')).not.toMatch(/[:;#"<>%{}\n\r`&]/)
    }),
  )
  expect(mermaidText('a: b;\n#59;')).toBe('a#58; b#59; #35;59#59;')
})
